import type { Clock } from './clock.ts'
import type { Compression } from './compression.ts'
import type { Cryptography } from './cryptography.ts'
import type { Dns } from './dns.ts'
import type { Http } from './http.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Tracing } from './tracing.ts'

/** What the engine needs of the world. A simulation gives its own. */
export interface Ports {
  readonly clock: Clock
  readonly network: Network
  readonly dns: Dns
  readonly random: Random
  readonly compression: Compression
  readonly cryptography: Cryptography
  readonly http: Http
  readonly tracing: Tracing
}
