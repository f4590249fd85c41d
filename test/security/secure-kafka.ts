import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CertificateAuthority, type Certificate } from '../../packages/producer/test/security/certificates.ts'
import type { BrokerPlace, Properties } from '../real-kafka/broker-properties.ts'
import { freePorts } from '../real-kafka/free-ports.ts'
import { runJava } from '../real-kafka/java.ts'
import { kafkaLibs } from '../real-kafka/kafka-libs.ts'
import { startCluster, type KafkaCluster } from '../real-kafka/maven-kafka.ts'
import { SigningKey } from './signing-key.ts'

export const USER = 'orders'
export const PASSWORD = 'a password of more than 20 signs!'

/** Sessions end this soon: tests see several. */
export const SESSION_MS = 3000

const SECURITY = 'org.apache.kafka.common.security'
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER']

/** One broker that listens in every way, certificates that were made for it, and one user. */
export interface SecureKafka {
  readonly kafka: KafkaCluster
  readonly ca: string
  /** A client's certificate that the broker trusts. */
  readonly client: Certificate
  /** The broker's own, for servers beside it. */
  readonly server: Certificate
  /** Signs tokens that the broker believes. */
  readonly signingKey: SigningKey
  readonly plaintext: string
  /** Wants a client's certificate. */
  readonly ssl: string
  readonly saslSsl: string
  readonly saslPlaintext: string
  stop(): Promise<void>
}

export async function startSecureKafka(): Promise<SecureKafka> {
  const directory = await mkdtemp(join(tmpdir(), 'linger-secure-'))
  const authority = new CertificateAuthority('linger test authority')
  const server = authority.sign('localhost', { names: 'DNS:localhost' })
  const signingKey = new SigningKey()
  await writeFile(join(directory, 'server.pem'), `${server.key}${server.cert}`)
  await writeFile(join(directory, 'ca.pem'), authority.cert)
  await writeFile(join(directory, 'jwks.json'), JSON.stringify(signingKey.keySet))

  const [ssl = 0, saslSsl = 0, saslPlaintext = 0] = await freePorts(3)
  const jwksUrl = `file://${join(directory, 'jwks.json')}`
  const kafka = await startCluster({
    brokerCount: 1,
    jvmArgs: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwksUrl}`],
    propertiesOf: (place) => ({
      ...listenerProperties(place, { ssl, saslSsl, saslPlaintext }),
      ...tlsProperties(directory),
      ...saslProperties(jwksUrl),
    }),
  })
  const stop = async (): Promise<void> => {
    await kafka.stop()
    authority.remove()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) await addScramUser(kafka.bootstrapServers, mechanism)
  } catch (cause) {
    await stop()
    throw cause
  }
  return {
    kafka,
    ca: authority.cert,
    client: authority.sign('orders', { names: 'DNS:orders' }),
    server,
    signingKey,
    plaintext: kafka.bootstrapServers,
    ssl: `localhost:${ssl}`,
    saslSsl: `localhost:${saslSsl}`,
    saslPlaintext: `localhost:${saslPlaintext}`,
    stop,
  }
}

function listenerProperties(
  { port, controllerPort }: BrokerPlace,
  ports: { readonly ssl: number; readonly saslSsl: number; readonly saslPlaintext: number },
): Properties {
  const secure = (host: string): string =>
    `SSL://${host}:${ports.ssl},SASL_SSL://${host}:${ports.saslSsl},SASL_PLAINTEXT://${host}:${ports.saslPlaintext}`
  return {
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},${secure('127.0.0.1')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},${secure('localhost')}`,
  }
}

function tlsProperties(directory: string): Properties {
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': join(directory, 'server.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(directory, 'ca.pem'),
    'listener.name.ssl.ssl.client.auth': 'required',
  }
}

function saslProperties(jwksUrl: string): Properties {
  const properties: Record<string, string> = {
    'sasl.enabled.mechanisms': MECHANISMS.join(','),
    'connections.max.reauth.ms': String(SESSION_MS),
    'sasl.oauthbearer.jwks.endpoint.url': jwksUrl,
    'sasl.oauthbearer.expected.audience': 'kafka',
  }
  for (const listener of ['sasl_ssl', 'sasl_plaintext']) {
    const set = (mechanism: string, key: string, value: string): void => {
      properties[`listener.name.${listener}.${mechanism}.${key}`] = value
    }
    set('plain', 'sasl.jaas.config', `${SECURITY}.plain.PlainLoginModule required user_${USER}="${PASSWORD}";`)
    for (const scram of ['scram-sha-256', 'scram-sha-512']) {
      set(scram, 'sasl.jaas.config', `${SECURITY}.scram.ScramLoginModule required;`)
    }
    const bearer = `${SECURITY}.oauthbearer`
    set('oauthbearer', 'sasl.jaas.config', `${bearer}.OAuthBearerLoginModule required;`)
    set('oauthbearer', 'sasl.server.callback.handler.class', `${bearer}.OAuthBearerValidatorCallbackHandler`)
  }
  return properties
}

/** With Kafka's own tool, one mechanism at a time. */
async function addScramUser(bootstrapServers: string, mechanism: string): Promise<void> {
  const classpath = join(await kafkaLibs(), '*')
  const jvm = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=off', '-cp', classpath, 'kafka.admin.ConfigCommand']
  const user = ['--entity-type', 'users', '--entity-name', USER]
  const secret = `${mechanism}=[iterations=8192,password=${PASSWORD}]`
  await runJava([...jvm, '--bootstrap-server', bootstrapServers, '--alter', ...user, '--add-config', secret])
}
