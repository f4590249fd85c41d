import { LANES } from './lane-settings.ts'
import { Lane } from './lane.ts'
import type { LoadLane } from './load-lane.ts'
import { isLoadCommand, type LaneReport, type LoadAnswer, type LoadCommand } from './load-messages.ts'
import { Pace } from './pace.ts'
import { readLanes } from './read-lanes.ts'
import { StallWatch } from './stall-watch.ts'
import { TransactionalLane } from './transactional-lane.ts'

// The process of the load: all producers, what they said, and its comparison with the log. See load-process.ts.

type Start = Extract<LoadCommand, { name: 'start' }>
type Answer = LoadAnswer extends infer Each ? (Each extends LoadAnswer ? Omit<Each, 'number'> : never) : never

const DONE: Answer = { name: 'done' }
const endedLives: LaneReport[] = []
let lanes: readonly LoadLane[] = []
let directServers = ''
let pace: Pace | undefined
let stalls: StallWatch | undefined

// Whoever started this process is gone: nothing may outlive the run.
const exit = (): void => process.exit()
process.on('disconnect', exit)
process.on('message', (command) => {
  if (!isLoadCommand(command)) return
  const { number } = command
  execute(command).then(
    (answer) => process.send?.({ ...answer, number }),
    (error: unknown) => process.send?.({ name: 'failed', reason: reasonOf(error), number }),
  )
})

async function execute(command: LoadCommand): Promise<Answer> {
  switch (command.name) {
    case 'start':
      start(command)
      return DONE
    case 'stall':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.ms)
      return DONE
    case 'endLife': {
      const lane = laneOf(command.lane)
      await lane.settle()
      endedLives.push(...(await readLanes([lane], directServers, [])))
      return DONE
    }
    case 'newLife':
      laneOf(command.lane).startAnew()
      return DONE
    case 'counts':
      return { name: 'counts', counts: Object.fromEntries(lanes.map((lane) => [lane.name, lane.counts])) }
    case 'finish':
      pace?.finish()
      await Promise.all(lanes.map(async (lane) => lane.finish()))
      await Promise.all(lanes.map(async (lane) => lane.close()))
      stalls?.stop()
      return DONE
    case 'check':
      return {
        name: 'reports',
        reports: [...endedLives, ...(await readLanes(lanes, directServers, command.leaderChanges))],
      }
    case 'leave':
      process.off('disconnect', exit)
      setImmediate(() => process.disconnect()) // behind the answer
      return DONE
  }
}

function start({ bootstrapServers, runId, recordCount, seconds, ...options }: Start): void {
  directServers = options.directServers
  pace = new Pace(recordCount, seconds)
  stalls = new StallWatch()
  const world = { bootstrapServers, runId, pace, stalls }
  lanes = LANES.map((settings) =>
    settings.way === 'transaction' ? new TransactionalLane(settings, world) : new Lane(settings, world),
  )
  for (const lane of lanes) lane.start()
}

function laneOf(name: string): Lane {
  const lane = lanes.find((one) => one.name === name)
  if (!(lane instanceof Lane)) throw new Error(`no lane ${name} that can begin anew`)
  return lane
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
