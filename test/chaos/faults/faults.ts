import { CLIENT_FAULTS } from './client-faults.ts'
import { CLUSTER_FAULTS } from './cluster-faults.ts'
import type { Fault } from './fault.ts'
import { NETWORK_FAULTS } from './network-faults.ts'

export const FAULTS: readonly Fault[] = [...NETWORK_FAULTS, ...CLIENT_FAULTS, ...CLUSTER_FAULTS]

/** @throws RangeError that lists the names there are */
export function faultsNamed(names: readonly string[]): Fault[] {
  return names.map((name) => {
    const fault = FAULTS.find((one) => one.name === name)
    if (fault !== undefined) return fault
    throw new RangeError(`no fault "${name}"; there are ${FAULTS.map((one) => one.name).join(', ')}`)
  })
}
