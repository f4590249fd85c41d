import { brokerFaults } from './broker-faults.ts'
import type { FaultKind } from './fault-kind.ts'
import { networkFaults } from './network-faults.ts'
import { processFaults } from './process-faults.ts'
import { produceFaults } from './produce-faults.ts'
import { questionFaults } from './question-faults.ts'
import { transactionFaults } from './transaction-faults.ts'

export type AtLeastOne = readonly [FaultKind, ...FaultKind[]]

/** What goes wrong with transactions alone. */
export const TRANSACTION_FAULTS: AtLeastOne = atLeastOne(transactionFaults)

/** What goes wrong with any producer. */
export const OTHER_FAULTS: AtLeastOne = atLeastOne([
  ...networkFaults,
  ...brokerFaults,
  ...produceFaults,
  ...questionFaults,
  ...processFaults,
])

export function faultKindNamed(name: string): FaultKind {
  const kind = [...OTHER_FAULTS, ...TRANSACTION_FAULTS].find((one) => one.name === name)
  if (kind === undefined) throw new Error(`there is no fault '${name}'`)
  return kind
}

function atLeastOne([first, ...rest]: readonly FaultKind[]): AtLeastOne {
  if (first === undefined) throw new Error('there are no faults')
  return [first, ...rest]
}
