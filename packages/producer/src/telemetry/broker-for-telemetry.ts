import { getTelemetrySubscriptions } from '@linger/protocol'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Cluster } from '../cluster/cluster.ts'

/**
 * A broker that is connected and takes a request: the one of the last time if possible.
 *
 * @returns 'none': no broker is connected. 'busy': none takes a request just now. 'unsupported': of those that are connected none takes metrics, which brokers do not
 *   before 3.7, nor without a plugin for it
 */
export function brokerForTelemetry(
  cluster: Cluster,
  last: BrokerNode | undefined,
  nowMs: number,
): BrokerNode | 'none' | 'busy' | 'unsupported' {
  const connected = [...cluster.brokers].filter(({ connection }) => connection?.isSetUp === true)
  const speaking = connected.filter(({ connection }) => connection?.versionOf(getTelemetrySubscriptions) !== undefined)
  if (speaking.length === 0) return connected.length === 0 ? 'none' : 'unsupported'
  const able = speaking.filter((node) => node.canSend(nowMs))
  return last !== undefined && able.includes(last) ? last : (able[0] ?? 'busy')
}
