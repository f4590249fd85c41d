import type { Mutant } from './mutant.ts'
import { acksZeroMutants } from './mutants/acks-zero.ts'
import { batchByteMutants } from './mutants/batch-bytes.ts'
import { bufferMutants } from './mutants/buffer-ownership.ts'
import { connectionMutants } from './mutants/connections.ts'
import { expiryMutants } from './mutants/expiry.ts'
import { flushMutants } from './mutants/flush-and-close.ts'
import { memoryMutants } from './mutants/memory.ts'
import { metadataMutants } from './mutants/metadata-and-leaders.ts'
import { partitionMutants } from './mutants/partitions.ts'
import { decisionMutants } from './mutants/produce-decisions.ts'
import { retryMutants } from './mutants/retries-and-order.ts'
import { sequenceMutants } from './mutants/sequences-and-epochs.ts'
import { timeAndTelemetryMutants } from './mutants/times-and-telemetry.ts'
import { transactionEndMutants } from './mutants/transaction-ends.ts'
import { transactionMemberMutants } from './mutants/transaction-members.ts'

/** Written down before they are run. Each must be found by the simulation. */
export const MUTANTS: readonly Mutant[] = [
  ...sequenceMutants,
  ...decisionMutants,
  ...retryMutants,
  ...bufferMutants,
  ...flushMutants,
  ...metadataMutants,
  ...connectionMutants,
  ...memoryMutants,
  ...expiryMutants,
  ...timeAndTelemetryMutants,
  ...acksZeroMutants,
  ...partitionMutants,
  ...batchByteMutants,
  ...transactionEndMutants,
  ...transactionMemberMutants,
]
