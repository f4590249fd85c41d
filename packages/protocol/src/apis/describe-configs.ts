import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * DescribeConfigs (API key 32) reads the configuration of topics and brokers. (KIP-133)
 *
 * @source Kafka 4.3.1 common/message/DescribeConfigs{Request,Response}.json
 */
export const describeConfigs = {
  name: 'DescribeConfigs',
  apiKey: 32,
  versions: '1-4',
  flexible: '4+',
  request: {
    /** The resources whose configurations we want to describe. */
    resources: {
      type: [
        {
          /** The resource type. */
          resourceType: { type: 'int8' },
          /** The resource name. */
          resourceName: { type: 'string' },
          /** The configuration keys to list, or null to list all configuration keys. */
          configurationKeys: { type: ['string'], nullable: '0+' },
        },
      ],
    },
    /** True if we should include all synonyms (KIP-226). */
    includeSynonyms: { type: 'bool', default: false },
    /** True if we should include configuration documentation (KIP-569). */
    includeDocumentation: { type: 'bool', versions: '3+', default: false },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The results for each resource. */
    results: {
      type: [
        {
          /** The error code, or 0 if we were able to successfully describe the configurations. */
          errorCode: { type: 'int16' },
          /** The error message, or null if we were able to successfully describe the configurations. */
          errorMessage: { type: 'string', nullable: '0+' },
          /** The resource type. */
          resourceType: { type: 'int8' },
          /** The resource name. */
          resourceName: { type: 'string' },
          /** Each listed configuration. */
          configs: {
            type: [
              {
                /** The configuration name. */
                name: { type: 'string' },
                /** The configuration value. */
                value: { type: 'string', nullable: '0+' },
                /** True if the configuration is read-only. */
                readOnly: { type: 'bool' },
                /** The configuration source (KIP-226). */
                configSource: { type: 'int8', default: -1, ignorable: true },
                /** True if this configuration is sensitive. */
                isSensitive: { type: 'bool' },
                /** The synonyms for this configuration key (KIP-226). */
                synonyms: {
                  ignorable: true,
                  type: [
                    {
                      /** The synonym name. */
                      name: { type: 'string' },
                      /** The synonym value. */
                      value: { type: 'string', nullable: '0+' },
                      /** The synonym source. */
                      source: { type: 'int8' },
                    },
                  ],
                },
                /**
                 * The configuration data type. Type can be one of the following values - BOOLEAN, STRING, INT, SHORT,
                 * LONG, DOUBLE, LIST, CLASS, PASSWORD (KIP-569).
                 */
                configType: { type: 'int8', versions: '3+', default: 0, ignorable: true },
                /** The configuration documentation (KIP-569). */
                documentation: { type: 'string', versions: '3+', nullable: '0+', ignorable: true },
              },
            ],
          },
        },
      ],
    },
  },
} as const

describeConfigs satisfies Api

export type DescribeConfigsRequest = RequestOf<typeof describeConfigs>
export type DescribeConfigsResponse = ResponseOf<typeof describeConfigs>
