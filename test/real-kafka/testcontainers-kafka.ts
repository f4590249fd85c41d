import { kraftProperties, type Properties } from './broker-properties.ts'
import { freePorts } from './free-ports.ts'
import { DEFAULT_KAFKA_VERSION } from './kafka-libs.ts'
import type { RunningKafka, StartKafkaOptions } from './running-kafka.ts'
import { untilAlive } from './until-alive.ts'

const HEAP_MB = 512
const CONTROLLER_PORT = 9093

/** Kafka's official image in Docker. Testcontainers' own reaper removes it should this process be killed. */
export async function startTestcontainersKafka(options: StartKafkaOptions): Promise<RunningKafka> {
  // Loaded only here: it takes a while, and few machines get this far without Docker.
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers')
  const client = await getContainerRuntimeClient().catch((cause: unknown) => {
    throw new Error('no Docker daemon answers', { cause })
  })
  const { host } = client.info.containerRuntime
  const version = options.version ?? DEFAULT_KAFKA_VERSION
  // The broker tells clients its address, so the port on the host must be known before it starts.
  const [port = 0] = await freePorts(1)
  const bootstrapServers = `${host}:${port}`

  const container = await new GenericContainer(`apache/kafka:${version}`)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      ...environmentFor({ ...propertiesInContainer(host, port), ...options.properties }),
      KAFKA_HEAP_OPTS: `-Xmx${options.heapMb ?? HEAP_MB}m`,
    })
    .withWaitStrategy(Wait.forListeningPorts())
    .start()
  const stop = async (): Promise<void> => {
    await container.stop()
  }
  try {
    await untilAlive(bootstrapServers, 1, () => undefined)
    return { bootstrapServers, version, provider: 'testcontainers', stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

function propertiesInContainer(host: string, port: number): Properties {
  const place = { nodeId: 1, directory: '/tmp/linger-kafka', port, controllerPort: CONTROLLER_PORT }
  return {
    ...kraftProperties(place, [place]),
    listeners: `PLAINTEXT://:${port},CONTROLLER://:${CONTROLLER_PORT}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
  }
}

/**
 * Properties as the image takes them: KAFKA_LOG_DIRS for log.dirs.
 *
 * @source KIP-975
 */
export function environmentFor(properties: Properties): Record<string, string> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [`KAFKA_${escapeName(name).toUpperCase()}`, value]),
  )
}

function escapeName(name: string): string {
  return name.replaceAll('_', '__').replaceAll('-', '___').replaceAll('.', '_')
}
