import { create, createFileRegistry, createMutableRegistry } from '@bufbuild/protobuf'
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type FileDescriptorProto,
} from '@bufbuild/protobuf/wkt'
import {
  AvroDeserializer,
  AvroSerializer,
  JsonDeserializer,
  JsonSerializer,
  ProtobufDeserializer,
  ProtobufSerializer,
  SchemaRegistryClient,
  SerdeType,
} from '@confluentinc/schemaregistry'
import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer, type Serializer } from '@linger/producer'
import { readRecordBatches } from '@linger/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { registrySerializer, withSchema } from '../src/index.ts'
import { RegistryStandIn } from './registry-stand-in.ts'

const AVRO = {
  schemaType: 'AVRO',
  schema: JSON.stringify({
    type: 'record',
    name: 'Order',
    fields: [
      { name: 'item', type: 'string' },
      { name: 'count', type: 'int' },
    ],
  }),
}

const JSON_SCHEMA = {
  schemaType: 'JSON',
  schema: JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: { item: { type: 'string' }, count: { type: 'integer' } },
    required: ['item', 'count'],
  }),
}

const ORDER = { item: 'tea', count: 2 }
const WRONG = { item: 'tea', count: 'many' }

let standIn: RegistryStandIn
let client: SchemaRegistryClient
let broker: RunningBroker

beforeEach(async () => {
  standIn = await RegistryStandIn.start()
  client = new SchemaRegistryClient({ baseURLs: [standIn.url], maxRetries: 0 })
  broker = await startBroker()
})

afterEach(async () => {
  await broker.close()
  await standIn.close()
})

/** Sends values to a topic, one after the other's call, and answers what became of each. */
async function outcomesOf(
  valueSerializer: Serializer<unknown>,
  topic: string,
  values: readonly unknown[],
): Promise<unknown[]> {
  const typed = new Producer({ bootstrapServers: broker.bootstrapServers, valueSerializer })
  try {
    const sent = await Promise.allSettled(values.map((value) => typed.send({ topic, partition: 0, value })))
    return sent.map((one) => (one.status === 'fulfilled' ? one.value.offset : (one.reason as unknown)))
  } finally {
    await typed.close()
  }
}

function payloadsIn(topic: string): Buffer[] {
  const log = broker.broker.cluster.topicNamed(topic)?.partitions[0]?.log
  const batches = readRecordBatches(log?.read(0, Infinity, true) ?? Buffer.alloc(0))
  return batches.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value ?? [])))
}

describe.each([
  [
    'Avro',
    AVRO,
    () =>
      withSchema({ client, schema: AVRO, serializer: (config) => new AvroSerializer(client, SerdeType.VALUE, config) }),
    () => new AvroDeserializer(client, SerdeType.VALUE, {}),
  ],
  [
    'JSON Schema',
    JSON_SCHEMA,
    () =>
      withSchema({
        client,
        schema: JSON_SCHEMA,
        serializer: (config) => new JsonSerializer(client, SerdeType.VALUE, { ...config, validate: true }),
      }),
    () => new JsonDeserializer(client, SerdeType.VALUE, {}),
  ],
])('%s', (_format, schema, newSerializer, newDeserializer) => {
  test('is written in the wire format that its deserializer reads', async () => {
    standIn.add('another-value', { schema: '"string"' }) // so that the id is not 1
    expect(await outcomesOf(newSerializer(), 'orders', [ORDER, ORDER])).toEqual([0, 1])
    const payloads = payloadsIn('orders')
    expect(payloads.map((payload) => [payload[0], payload.readInt32BE(1)])).toEqual([
      [0, 2],
      [0, 2],
    ])
    // Avro's have a class of their own.
    const read: unknown = await newDeserializer().deserialize('orders', payloads[0] ?? Buffer.alloc(0))
    expect(JSON.parse(JSON.stringify(read))).toEqual(ORDER)
  })

  test('is registered once per topic, and kept', async () => {
    const serializer = newSerializer()
    await outcomesOf(
      serializer,
      'orders',
      Array.from({ length: 20 }, () => ORDER),
    )
    const asked = standIn.requests.length
    expect(standIn.requests.filter((request) => request === 'POST /subjects/orders-value/versions')).toHaveLength(1)
    await outcomesOf(serializer, 'orders', [ORDER])
    expect(standIn.requests).toHaveLength(asked)
    await outcomesOf(serializer, 'returns', [ORDER])
    expect(standIn.subjects).toEqual(['orders-value', 'returns-value'])
    expect(
      standIn.requests.filter((request) => request.startsWith('POST /subjects/returns-value/versions')),
    ).toHaveLength(1)
  })

  test('a value that does not fit is never sent, and the error names the field', async () => {
    const [first, wrong, last] = await outcomesOf(newSerializer(), 'orders', [ORDER, WRONG, ORDER])
    expect([first, last]).toEqual([0, 1])
    expect(wrong).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never', retriable: false })
    expect(String(wrong)).toContain('orders: it does not fit its schema')
    expect(String(wrong)).toContain('count')
    expect(payloadsIn('orders')).toHaveLength(2)
  })

  test('a registry that fails is told of, and asked again by the next record', async () => {
    const serializer = newSerializer()
    standIn.fault = { status: 500, body: { error_code: 50001, message: 'the store is down' } }
    const [failed] = await outcomesOf(serializer, 'orders', [ORDER])
    expect(failed).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: true })
    standIn.fault = { status: 409, body: { error_code: 409, message: 'the schema is incompatible' } }
    const [refused] = await outcomesOf(serializer, 'orders', [ORDER])
    expect(refused).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: false })
    expect(String(refused)).toContain('the schema is incompatible')
    standIn.fault = undefined
    expect(await outcomesOf(serializer, 'orders', [ORDER])).toEqual([0])
  })

  test('a registry that is not there is told of', async () => {
    const serializer = newSerializer()
    await standIn.close()
    const [failed] = await outcomesOf(serializer, 'orders', [ORDER])
    standIn = await RegistryStandIn.start()
    expect(failed).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: true })
  })

  test.each([408, 429])('a registry that answers %i may be asked again', async (status) => {
    standIn.fault = { status, body: { error_code: status, message: 'later' } }
    const [failed] = await outcomesOf(newSerializer(), 'orders', [ORDER])
    expect(failed).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: true })
  })

  test('an answer without an id, as of a proxy that wants a login, is a failure, and is not kept', async () => {
    const serializer = newSerializer()
    standIn.fault = { status: 200, body: '<html>log in</html>' }
    const [failed] = await outcomesOf(serializer, 'orders', [ORDER])
    expect(failed).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: true })
    standIn.fault = undefined
    expect(await outcomesOf(serializer, 'orders', [ORDER])).toEqual([0])
  })

  test('may be one that the registry has already', async () => {
    standIn.add('orders-value', schema)
    const config = { useLatestVersion: true }
    const serializer =
      schema === AVRO
        ? new AvroSerializer(client, SerdeType.VALUE, config)
        : new JsonSerializer(client, SerdeType.VALUE, { ...config, validate: true })
    const [first, wrong] = await outcomesOf(registrySerializer(serializer), 'orders', [ORDER, WRONG])
    expect(first).toBe(0)
    expect(String(wrong)).toContain('count')
    expect(standIn.requests.some((request) => request.startsWith('POST'))).toBe(false)
  })
})

test('keys have a schema of their own', async () => {
  const serializer = withSchema({
    client,
    schema: AVRO,
    isKey: true,
    serializer: (config) => new AvroSerializer(client, SerdeType.KEY, config),
  })
  await serializer(ORDER, 'orders')
  expect(standIn.subjects).toEqual(['orders-key'])
})

describe('an OAuth server that is down is a failure of the registry, and says nothing of the record', () => {
  const withoutToken = (): SchemaRegistryClient =>
    new SchemaRegistryClient({
      baseURLs: [standIn.url],
      maxRetries: 0,
      bearerAuthCredentials: {
        credentialsSource: 'OAUTHBEARER',
        // Nothing listens on port 1.
        issuerEndpointUrl: 'http://127.0.0.1:1/token',
        clientId: 'shop',
        clientSecret: 'secret',
        scope: 'registry',
        logicalCluster: 'lsrc-1',
      },
    })

  test.each<[string, (tokenless: SchemaRegistryClient) => Serializer<unknown>]>([
    [
      'where the schema is registered',
      (tokenless) =>
        withSchema({
          client: tokenless,
          schema: AVRO,
          serializer: (config) => new AvroSerializer(tokenless, SerdeType.VALUE, config),
        }),
    ],
    [
      'where it is looked up',
      (tokenless) => registrySerializer(new AvroSerializer(tokenless, SerdeType.VALUE, { useLatestVersion: true })),
    ],
  ])('%s', async (_where, newSerializer) => {
    const [failed] = await outcomesOf(newSerializer(withoutToken()), 'orders', [ORDER])
    expect(failed).toMatchObject({ code: 'SCHEMA_REGISTRY_FAILED', outcome: 'never', retriable: true })
    expect(String(failed)).toContain('Failed to get token')
  })
})

test('a subject that could not be told is asked for again by the next record', async () => {
  const subject = vi.fn<(topic: string) => string>((topic) => `${topic}-of-tenant-7`)
  subject.mockImplementationOnce(() => {
    throw new Error('the tenant is not known yet')
  })
  const serializer = withSchema({
    client,
    schema: AVRO,
    subject,
    serializer: (config) =>
      new AvroSerializer(client, SerdeType.VALUE, { ...config, subjectNameStrategy: (topic) => subject(topic) }),
  })
  const [failed] = await outcomesOf(serializer, 'orders', [ORDER])
  expect(failed).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
  expect(String(failed)).toContain('the tenant is not known yet')
  expect(await outcomesOf(serializer, 'orders', [ORDER])).toEqual([0])
  expect(standIn.subjects).toEqual(['orders-of-tenant-7'])
})

describe('Protobuf', () => {
  const file: FileDescriptorProto = create(FileDescriptorProtoSchema, {
    name: 'order.proto',
    package: 'shop',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Order',
        field: [
          {
            name: 'item',
            number: 1,
            type: FieldDescriptorProto_Type.STRING,
            label: FieldDescriptorProto_Label.OPTIONAL,
          },
          {
            name: 'count',
            number: 2,
            type: FieldDescriptorProto_Type.INT32,
            label: FieldDescriptorProto_Label.OPTIONAL,
          },
        ],
      },
    ],
  })
  const files = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }))

  test('is registered by its serializer, and written in the wire format', async () => {
    const order = files.getMessage('shop.Order')
    if (order === undefined) throw new Error('there is no shop.Order')
    const serializer = registrySerializer(
      new ProtobufSerializer(client, SerdeType.VALUE, {
        registry: createMutableRegistry(order),
        autoRegisterSchemas: true,
      }),
    )
    const [offset, wrong] = await outcomesOf(serializer, 'orders', [create(order, ORDER), { no: 'message' }])
    expect(offset).toBe(0)
    expect(wrong).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
    expect(standIn.subjects).toEqual(['orders-value'])
    const [payload = Buffer.alloc(0)] = payloadsIn('orders')
    // Magic 0, schema id, the first message of the file, and the message: field 1 'tea', field 2 the number 2.
    expect(payload.toString('hex')).toBe('00 00000001 00 0a03746561 1002'.replaceAll(' ', ''))
    expect(await new ProtobufDeserializer(client, SerdeType.VALUE, {}).deserialize('orders', payload)).toMatchObject(
      ORDER,
    )
  })
})
