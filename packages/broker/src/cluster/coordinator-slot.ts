/** As many as Kafka spreads coordinators over (transaction.state.log.num.partitions, offsets.topic.num.partitions). */
const COORDINATOR_SLOTS = 50

/** @source Kafka TransactionStateManager.partitionFor, GroupCoordinatorService.partitionFor: Java's hash of the key */
export function coordinatorSlotOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) | 0
  return (hash & 0x7fff_ffff) % COORDINATOR_SLOTS
}
