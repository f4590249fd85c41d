import { judge, times } from '../report/acceptance.ts'
import { settingsTable, throughputTable } from '../report/contest-tables.ts'
import { cpuMicrosPerRecord, ratioOf, runRounds } from '../run/rounds.ts'
import { baseWorkload, type Suite } from './suite.ts'

const NAME = 'throughput-callback'

/** Each client as fast as it can, by its cheapest way to learn of each record's acknowledgement. */
export const throughputCallback: Suite = {
  name: NAME,
  about: 'a callback per record, at full rate',
  async run({ cluster, rounds, quick, progress }) {
    const contestants = [
      { label: 'limit', client: 'limit' },
      { label: 'linger', client: 'linger' },
      { label: 'librdkafka', client: 'librdkafka' },
      { label: 'franz-go', client: 'franz-go' },
      { label: 'java', client: 'java' },
      { label: 'confluent', client: 'confluent' },
      { label: 'platformatic', client: 'platformatic' },
      { label: 'kafkajs', client: 'kafkajs' },
    ] as const
    const contest = { suite: NAME, workload: baseWorkload(quick), contestants, rounds }
    const results = await runRounds(await cluster(), contest, progress)
    return {
      suite: NAME,
      tables: [
        throughputTable('A callback per record (KafkaJS and platformatic: 1,000 per send)', results, 'linger'),
        settingsTable(results),
      ],
      claims: [
        judge({
          suite: NAME,
          claim: "produce: CPU per record against bench/limit's",
          figure: ratioOf(results, 'linger', 'limit', cpuMicrosPerRecord),
          atMost: 1.3,
          format: times,
        }),
        judge({
          suite: NAME,
          claim: "produce: CPU per record against librdkafka's",
          figure: ratioOf(results, 'linger', 'librdkafka', cpuMicrosPerRecord),
          atMost: 0.6,
          format: times,
        }),
      ],
      runs: [...results.values()],
    }
  },
}
