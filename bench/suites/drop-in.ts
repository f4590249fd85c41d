import { judge, times } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import { type Contestant, ratioOf, recordsPerSecond, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'drop-in'
const ONE = 'one message per send'
const THOUSAND = '1,000 messages per send'

/** The same program with KafkaJS and with what takes its place: only the import differs. */
export const dropIn: Suite = {
  name: NAME,
  about: 'a program for KafkaJS, with KafkaJS and with @linger/kafkajs: sends of 1 message and of 1,000',
  async run({ cluster, rounds, quick, progress }) {
    const workload = { ...baseWorkload(quick), mode: 'promise', outstanding: 1_000 } as const
    const clients = ['drop-in', 'kafkajs'] as const
    const contestants: readonly Contestant[] = clients.flatMap((client) => [
      { label: `${client}, ${ONE}`, client },
      { label: `${client}, ${THOUSAND}`, client, workload: { mode: 'callback' } },
    ])
    const results = await runRounds(await cluster(), { suite: NAME, workload, contestants, rounds }, progress)
    const claim = (what: string, sends: string, atLeast: number) =>
      judge({
        suite: NAME,
        claim: `${what}: messages/s against KafkaJS's`,
        figure: ratioOf(results, `drop-in, ${sends}`, `kafkajs, ${sends}`, recordsPerSecond),
        atLeast,
        format: times,
      })
    return {
      suite: NAME,
      tables: [
        throughputTable(
          'The same program with KafkaJS and with @linger/kafkajs; 1,000 sends of one message outstanding, or some of 1,000',
          results,
          `drop-in, ${ONE}`,
        ),
        settingsTable(results),
      ],
      claims: [
        claim('drop-in: 1,000 sends of one message outstanding', ONE, 50),
        claim('drop-in: sends of 1,000 messages', THOUSAND, 3),
      ],
      runs: [...results.values()],
    }
  },
}
