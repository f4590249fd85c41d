import { murmur2, type PartitionFunction, Producer } from '@linger/producer'

// Keys begin with a region, 'eu:123', and each region has a share of the partitions to itself.
// Usage: node region-partitioner.ts [host:port] [topic]
const [, , bootstrapServers = 'localhost:9092', topic = 'users'] = process.argv
const REGIONS = ['eu', 'us', 'ap']

const byRegion: PartitionFunction = (_topic, key, partitions, available) => {
  const region = REGIONS.indexOf(Buffer.from(key ?? []).toString('utf8', 0, 2))
  // Without a region: wherever there is a leader just now.
  if (key === null || region < 0) return available[0] ?? 0
  const share = partitions.filter((partition) => partition % REGIONS.length === region)
  // By the hash of Java's client, over all partitions and not the available ones: a key must not move.
  return share[(murmur2(key) & 0x7fffffff) % share.length] ?? 0
}

await using producer = new Producer({ bootstrapServers, partitioner: byRegion })
for (const key of ['eu:1', 'us:1', 'ap:1', 'eu:2', 'eu:1']) {
  const { partition } = await producer.send(topic, 'signed in', { key })
  console.log(`${key} ${partition}`)
}
