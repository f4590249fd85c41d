import type { Ports } from '../ports.ts'
import { NodeCompression } from './node-compression.ts'
import { NodeCryptography } from './node-cryptography.ts'
import { NodeHttp } from './node-http.ts'
import { NodeTracing } from './node-tracing.ts'
import { SystemClock } from './system-clock.ts'
import { SystemDns } from './system-dns.ts'
import { SystemRandom } from './system-random.ts'
import { TcpNetwork } from './tcp-network.ts'

/** The real world. One clock per producer, since it holds the producer's timer. */
export function nodePorts(): Ports {
  return {
    clock: new SystemClock(),
    network: new TcpNetwork(),
    dns: new SystemDns(),
    random: new SystemRandom(),
    compression: new NodeCompression(),
    cryptography: new NodeCryptography(),
    http: new NodeHttp(),
    tracing: new NodeTracing(),
  }
}
