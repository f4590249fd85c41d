import type { ResolvedConfig } from '../config/producer-config.ts'
import { InterceptingSender } from './intercepting-sender.ts'
import type { RecordSender } from './record-sender.ts'
import { type SerializingSenderDeps, SerializingSender } from './serializing-sender.ts'
import type { Serialization } from './serialization.ts'

export interface SenderForDeps extends Omit<SerializingSenderDeps, 'serialization'> {
  /** Undefined when keys and values are bytes or text. */
  readonly serialization: Serialization | undefined
  readonly options: Pick<ResolvedConfig, 'interceptors' | 'logger'>
}

/** The way in: the intake itself, and before it only what is configured. */
export function senderFor({ serialization, options: { interceptors, logger }, ...deps }: SenderForDeps): RecordSender {
  const sender = serialization === undefined ? deps.intake : new SerializingSender({ ...deps, serialization })
  return interceptors.length === 0 ? sender : new InterceptingSender(sender, interceptors, logger)
}
