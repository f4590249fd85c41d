import { describeConfigs, type DescribeConfigsRequest, type ResponseInput } from '@linger/protocol'
import { type ConfigEntry, configEntries } from '../cluster/topic-config.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { describedConfig } from './described-config.ts'
import { errorCodeOf, topicFor } from './partition-lookup.ts'

/** @source Kafka org.apache.kafka.common.config.ConfigResource.Type */
const TOPIC = 2
const BROKER = 4

type Resource = DescribeConfigsRequest['resources'][number]
type Result = ResponseInput<typeof describeConfigs>['results'][number]

export const describeConfigsHandler: ApiHandler = handlerFor(describeConfigs, handleDescribeConfigs)

function handleDescribeConfigs(
  context: RequestContext,
  request: DescribeConfigsRequest,
): Outcome<typeof describeConfigs> {
  return { response: { throttleTimeMs: 0, results: request.resources.map((resource) => describe(context, resource)) } }
}

function describe(context: RequestContext, resource: Resource): Result {
  const { resourceType, resourceName, configurationKeys } = resource
  try {
    const configs = entriesOf(context, resource)
      .filter(({ name }) => configurationKeys === null || configurationKeys.includes(name))
      .map((entry) => ({ ...describedConfig(entry), synonyms: [], documentation: null }))
    return { errorCode: ErrorCode.NONE, errorMessage: null, resourceType, resourceName, configs }
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : null
    return { errorCode: errorCodeOf(error), errorMessage, resourceType, resourceName, configs: [] }
  }
}

function entriesOf(context: RequestContext, resource: Resource): ConfigEntry[] {
  const { resourceType, resourceName } = resource
  if (resourceType === TOPIC) {
    return configEntries(topicFor(context.metadata, { name: resourceName, topicId: '', isById: false }).givenConfig)
  }
  if (resourceType === BROKER) {
    if (resourceName !== String(context.nodeId)) {
      throw new RequestRefused(ErrorCode.INVALID_REQUEST, `this is broker ${context.nodeId}, not ${resourceName}`)
    }
    return brokerEntries(context)
  }
  throw new RequestRefused(ErrorCode.INVALID_REQUEST, `resource type ${resourceType} is not known here`)
}

function brokerEntries({ config, nodeId }: RequestContext): ConfigEntry[] {
  return [
    { name: 'auto.create.topics.enable', value: String(config.autoCreateTopics), isDefault: true },
    { name: 'fetch.max.bytes', value: String(config.fetchMaxBytes), isDefault: true },
    { name: 'node.id', value: String(nodeId), isDefault: true },
    { name: 'num.partitions', value: String(config.defaultPartitions), isDefault: true },
  ]
}
