import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { readBackAll } from '../read-back/read-back.ts'
import { type EndedProgram, startProgram } from '../run-program.ts'
import { type OauthServer, startOauthServer } from '../security/oauth-server.ts'
import { PASSWORD, type SecureKafka, startSecureKafka, USER } from '../security/secure-kafka.ts'

const CLIENT_SECRET = 'canary-of-the-client'

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('on a real Kafka that is secured, the example', () => {
  let secure: SecureKafka
  let oauth: OauthServer
  let directory: string
  let caFile: string

  beforeAll(async () => {
    secure = await startSecureKafka()
    oauth = await startOauthServer(secure, 'orders', CLIENT_SECRET)
    directory = await mkdtemp(join(tmpdir(), 'linger-example-'))
    caFile = join(directory, 'ca.pem')
    await writeFile(caFile, secure.ca)
  })
  afterAll(async () => {
    oauth.close()
    await rm(directory, { recursive: true })
    await secure.stop()
  })

  const tlsScram = async (topic: string, password: string): Promise<EndedProgram> =>
    startProgram('examples/tls-scram.ts', [secure.saslSsl, USER, caFile, topic], { KAFKA_PASSWORD: password }).ended

  const oidc = async (topic: string, secret: string): Promise<EndedProgram> => {
    const args = [secure.saslSsl, oauth.tokenEndpointUrl, 'orders', caFile, topic]
    return startProgram('examples/oidc-client-credentials.ts', args, { CLIENT_SECRET: secret }).ended
  }

  test.each([
    ['tls-scram', tlsScram, PASSWORD],
    ['oidc-client-credentials', oidc, CLIENT_SECRET],
  ])('%s writes a record', async (topic, run, secret) => {
    await createTopic(secure.plaintext, topic, 1)
    const stdout = `written to ${topic}-0 at offset 0\n`
    expect(await run(topic, secret)).toEqual({ exitCode: 0, stdout, stderr: '' })
    const records = await readBackAll({ bootstrapServers: secure.plaintext, topics: [topic] })
    expect(records.map(({ value }) => String(value))).toEqual(['tea'])
  })

  test.each([
    ['tls-scram', tlsScram, 'refused SCRAM-SHA-512: Authentication failed'],
    ['oidc-client-credentials', oidc, 'the token endpoint answered 401 (invalid_client)'],
  ])('%s says why it may not, and repeats no secret', async (topic, run, reason) => {
    const { exitCode, stdout, stderr } = await run(topic, 'canary-of-another')
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^SASL_AUTHENTICATION_FAILED: /u)
    expect(stderr).toContain(reason)
    expect(stderr).not.toContain('canary')
  })
})
