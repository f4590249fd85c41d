import type { ConfigEntry } from '../cluster/topic-config.ts'

/** @source Kafka DescribeConfigsResponse.ConfigSource */
const SOURCE_DYNAMIC_TOPIC = 1
const SOURCE_DEFAULT = 5

/** One setting as CreateTopics and DescribeConfigs both tell it. */
export interface DescribedConfig {
  readonly name: string
  readonly value: string
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
}

export function describedConfig(entry: ConfigEntry): DescribedConfig {
  const { name, value, isDefault } = entry
  const configSource = isDefault ? SOURCE_DEFAULT : SOURCE_DYNAMIC_TOPIC
  return { name, value, readOnly: false, configSource, isSensitive: false }
}
