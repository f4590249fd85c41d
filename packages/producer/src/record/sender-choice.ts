import type { ResolvedConfig } from '../config/producer-config.ts'
import { TracedSender } from '../observe/traced-sender.ts'
import type { Traces } from '../observe/traces.ts'
import { InterceptingSender } from './intercepting-sender.ts'
import type { RecordSender, SenderChoice } from './record-sender.ts'
import { type SerializingSenderDeps, SerializingSender } from './serializing-sender.ts'
import type { Serialization } from './serialization.ts'

export interface SenderChoiceDeps extends Omit<SerializingSenderDeps, 'serialization'> {
  /** Undefined when keys and values are bytes or text. */
  readonly serialization: Serialization | undefined
  readonly traces: Traces
  readonly options: Pick<ResolvedConfig, 'interceptors' | 'logger'>
}

/**
 * The way in: the intake itself, and before it only what is configured, and what somebody listens to just now.
 *
 * Interceptors come first. A record that found no room begins another trace whenever it is offered, but is shown to them
 * once: what they know it by is the caller's own object, and not what a subscriber puts in its place.
 */
export function senderChoiceFor(deps: SenderChoiceDeps): SenderChoice {
  const { serialization, traces, options, ...rest } = deps
  const untraced = serialization === undefined ? rest.intake : new SerializingSender({ ...rest, serialization })
  const choice = new TracedWhileWatched(untraced, traces)
  const { interceptors, logger } = options
  return interceptors.length === 0 ? choice : { sender: new InterceptingSender(choice, interceptors, logger) }
}

/**
 * Asked for every record, and therefore a class: V8 makes the getter of a class part of who asks, and calls that of an
 * object literal by way of a lookup, at a tenth of what a record costs.
 */
class TracedWhileWatched implements SenderChoice {
  readonly #untraced: RecordSender
  readonly #traced: RecordSender
  readonly #channel: Traces['send']

  constructor(untraced: RecordSender, traces: Traces) {
    this.#untraced = untraced
    this.#traced = new TracedSender(untraced, traces)
    this.#channel = traces.send
  }

  get sender(): RecordSender {
    return this.#channel.hasSubscribers ? this.#traced : this.#untraced
  }
}
