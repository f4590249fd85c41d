import type { Dns } from '@linger/producer'
import type { Timeline } from '../../../packages/producer/test/world/timeline.ts'
import type { ProducerProcess } from '../producer-process.ts'

const LOOKUP_MS = 1

/** The names of brokers, and what becomes of those who ask for their addresses. */
export class Names {
  #state: 'RESOLVING' | 'FAILING' | 'EMPTY' | 'SILENT' = 'RESOLVING'
  /** Questions that get no answer before the state changes. */
  #unanswered: (() => void)[] = []
  readonly #timeline: Timeline
  readonly #hasDeadAddresses: boolean

  /** @param hasDeadAddresses each name has two addresses, and nobody listens at the first */
  constructor(timeline: Timeline, hasDeadAddresses: boolean) {
    this.#timeline = timeline
    this.#hasDeadAddresses = hasDeadAddresses
  }

  get state(): 'RESOLVING' | 'FAILING' | 'EMPTY' | 'SILENT' {
    return this.#state
  }

  set state(state: 'RESOLVING' | 'FAILING' | 'EMPTY' | 'SILENT') {
    this.#state = state
    for (const ask of this.#unanswered.splice(0)) ask()
  }

  nameOf(nodeId: number): string {
    return `broker-${nodeId}`
  }

  /** Where it is reached. */
  addressOf(nodeId: number): string {
    return `10.0.0.${nodeId}`
  }

  portFor(process: ProducerProcess): Dns {
    return { lookup: (host, onAnswer) => this.#lookUp(host, process, onAnswer) }
  }

  #lookUp(host: string, process: ProducerProcess, onAnswer: Parameters<Dns['lookup']>[1]): void {
    const state = this.#state
    if (state === 'SILENT') {
      this.#unanswered.push(() => this.#lookUp(host, process, onAnswer))
      return
    }
    this.#timeline.after(LOOKUP_MS, () =>
      process.deliver(() => {
        if (state === 'FAILING') onAnswer(new Error(`getaddrinfo ENOTFOUND ${host}`), [])
        else onAnswer(undefined, state === 'EMPTY' ? [] : this.#addressesOf(host))
      }),
    )
  }

  #addressesOf(host: string): string[] {
    const nodeId = Number(host.replace('broker-', ''))
    return this.#hasDeadAddresses ? [`10.0.1.${nodeId}`, this.addressOf(nodeId)] : [this.addressOf(nodeId)]
  }
}
