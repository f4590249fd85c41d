import { compressionTargets } from './compression-targets.ts'
import { configurationTargets } from './configuration-targets.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { protocolTargets } from './protocol-targets.ts'
import { securityTargets } from './security-targets.ts'

/** Everything that reads what others say. */
export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  ...protocolTargets,
  ...compressionTargets,
  ...securityTargets,
  ...configurationTargets,
]
