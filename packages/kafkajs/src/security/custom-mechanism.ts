import type { SaslMechanism, SaslPeer } from '@linger/producer'
import { refusedToken } from '../errors/error-from-engine.ts'
import type { Logger } from '../logger/logger.ts'
import type { Mechanism, SaslAuthenticateArgs } from './sasl-options.ts'

const SIZE_BYTES = 4

/** What has been said, and who waits for the answer. */
interface Turn {
  readonly token: Uint8Array
  readonly onAnswer: (answer: Uint8Array) => void
  readonly onRefused: (reason: Error) => void
}

/**
 * A mechanism in KafkaJS's form, for the engine: what there is one call that sends and waits, here is a dialogue whose
 * turns the engine takes.
 */
export function customMechanism({ mechanism, authenticationProvider }: Mechanism, logger: Logger): SaslMechanism {
  const name = mechanism.toUpperCase()
  return {
    name,
    converse: (peer) => dialogueOf(peer, authenticationProvider, logger.namespace(`SaslAuthenticator-${name}`)),
  }
}

async function* dialogueOf(
  { host, port }: SaslPeer,
  authenticationProvider: Mechanism['authenticationProvider'],
  logger: Logger,
): AsyncGenerator<Uint8Array, void, Uint8Array> {
  let onTurn = (_turn: Turn | undefined): void => {}
  const nextTurn = (): Promise<Turn | undefined> =>
    new Promise((resolve) => {
      onTurn = resolve
    })
  const saslAuthenticate = async <Parsed>({
    request,
    response,
  }: SaslAuthenticateArgs<Parsed>): Promise<Parsed | void> => {
    const token = (await request.encode()).subarray(SIZE_BYTES)
    const answer = await new Promise<Uint8Array>((resolve, reject) =>
      onTurn({ token, onAnswer: resolve, onRefused: reject }),
    )
    return response?.parse(await response.decode(withSize(answer)))
  }

  let turn = nextTurn()
  const authenticator = authenticationProvider({ host, port, logger, saslAuthenticate })
  const done = authenticator.authenticate().finally(() => onTurn(undefined))
  done.catch(() => {}) // awaited below, perhaps after the last turn
  for (let said = await turn; said !== undefined; said = await turn) {
    try {
      const answer = yield said.token
      turn = nextTurn()
      said.onAnswer(answer)
    } catch (refusal) {
      const reason = refusedToken(refusal)
      onTurn = (late) => late?.onRefused(reason)
      said.onRefused(reason)
      await done
      throw refusal // whatever the mechanism makes of it
    }
  }
  await done
}

function withSize(answer: Uint8Array): Buffer {
  const bytes = Buffer.alloc(SIZE_BYTES + answer.length)
  bytes.writeInt32BE(answer.length)
  bytes.set(answer, SIZE_BYTES)
  return bytes
}
