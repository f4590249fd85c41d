/** What the engine asks brokers, by KafkaJS's names. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'Produce',
  2: 'ListOffsets',
  3: 'Metadata',
  10: 'GroupCoordinator',
  17: 'SaslHandshake',
  18: 'ApiVersions',
  19: 'CreateTopics',
  20: 'DeleteTopics',
  22: 'InitProducerId',
  24: 'AddPartitionsToTxn',
  25: 'AddOffsetsToTxn',
  26: 'EndTxn',
  28: 'TxnOffsetCommit',
  36: 'SaslAuthenticate',
}

export function apiNameOf(apiKey: number): string {
  return NAMES[apiKey] ?? `ApiKey${apiKey}`
}
