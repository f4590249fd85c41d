import { brokerFaults } from './broker-faults.ts'
import type { FaultKind } from './fault-kind.ts'
import { networkFaults } from './network-faults.ts'
import { processFaults } from './process-faults.ts'
import { requestFaults } from './request-faults.ts'

type AtLeastOne = readonly [FaultKind, ...FaultKind[]]

export const FAULT_KINDS: AtLeastOne = atLeastOne([
  ...networkFaults,
  ...brokerFaults,
  ...requestFaults,
  ...processFaults,
])

export function faultKindNamed(name: string): FaultKind {
  const kind = FAULT_KINDS.find((one) => one.name === name)
  if (kind === undefined) throw new Error(`there is no fault '${name}'`)
  return kind
}

function atLeastOne([first, ...rest]: readonly FaultKind[]): AtLeastOne {
  if (first === undefined) throw new Error('there are no faults')
  return [first, ...rest]
}
