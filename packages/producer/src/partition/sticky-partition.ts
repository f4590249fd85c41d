import type { Topic } from '../accumulate/topic.ts'
import type { Random } from '../ports/random.ts'

/** A partition with this many batches waiting is taken least often. */
const QUEUED_BATCHES_MAX = 8

/** After this many refusals the last partition drawn is taken: chance must not make a send slow. */
const DRAWS_MAX = 16

/**
 * The partition for records without a key: the one that has the topic's open sticky batch, else a new one,
 * drawn at random with a weight that falls with the batches that wait for it. So full batches form one after the other, a slow
 * broker gets less, and equal brokers get equal shares.
 *
 * Drawing again with the chance that the weight leaves costs the same for 6 partitions and for 10,000; a table
 * of weights would have to be rebuilt for every batch.
 *
 * @source KIP-794, whose table of weights this replaces
 */
export function stickyPartition(topic: Topic, random: Random): number {
  if (topic.stickyPartition >= 0) return topic.stickyPartition

  let drawn = 0
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    drawn = Math.floor(random.next() * topic.partitions.length)
    const partition = topic.partitions[drawn]
    if (partition === undefined || !partition.isReachable) continue
    const free = QUEUED_BATCHES_MAX - Math.min(partition.queuedBatchCount, QUEUED_BATCHES_MAX - 1)
    if (free === QUEUED_BATCHES_MAX || random.next() * QUEUED_BATCHES_MAX < free) break
  }
  topic.stickyPartition = drawn
  return drawn
}
