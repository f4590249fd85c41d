import { saslAuthenticate, saslHandshake, type Api, type RequestInput, type ResponseOf } from '@linger/protocol'
import type { KafkaError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import { authenticationRefused, dialogueFailed, handshakeRefused, saslUnsupported } from './sasl-errors.ts'
import type { SaslMechanism, SaslPeer } from './sasl-mechanism.ts'

/** After a handshake in version 0 the tokens would travel bare. */
const HANDSHAKE_VERSION_MIN = 1

/** A session is renewed when this much of its life has passed, or up to a tenth more, so that not all end at once. */
const SESSION_USED_MIN = 0.85
const SESSION_USED_JITTER = 0.1

/** The first token answers nothing. */
const NOTHING = new Uint8Array()

export interface AuthenticateDeps {
  readonly peer: SaslPeer
  readonly mechanism: SaslMechanism
  readonly versionOf: (api: Api) => number | undefined
  /** Asks the broker; says nothing more once the connection has ended. */
  ask<A extends Api>(api: A, message: RequestInput<A>, onResponse: (response: ResponseOf<A>) => void): void
  readonly clock: Clock
  readonly random: Random
  /** @param sessionEndsAtMs when it must be done again; Infinity: never */
  readonly onDone: (sessionEndsAtMs: number) => void
  readonly onFailed: (error: KafkaError) => void
}

/**
 * Proves to a broker who we are: agrees on the mechanism, then carries its tokens until it has nothing left to say.
 *
 * @source KIP-152, KIP-368
 */
export function authenticate(deps: AuthenticateDeps): void {
  const { clock, random, onDone, onFailed } = deps
  authenticated(deps).then((lifetimeMs) => {
    const usedMs = lifetimeMs * (SESSION_USED_MIN + SESSION_USED_JITTER * random.next())
    onDone(lifetimeMs > 0 ? clock.now() + usedMs : Infinity)
  }, onFailed)
}

/**
 * Never ends when the connection does: nobody waits for it any more.
 *
 * @returns how long the broker goes by it, 0 for ever; rejects with a KafkaError
 */
async function authenticated(deps: AuthenticateDeps): Promise<number> {
  const { peer, mechanism, versionOf } = deps
  const isOld = (versionOf(saslHandshake) ?? 0) < HANDSHAKE_VERSION_MIN || versionOf(saslAuthenticate) === undefined
  if (isOld) throw saslUnsupported(peer)

  const { errorCode, mechanisms } = await answerTo(deps, saslHandshake, { mechanism: mechanism.name })
  if (errorCode !== 0) throw handshakeRefused(peer, mechanism.name, errorCode, mechanisms)

  let sessionLifetimeMs = 0
  const dialogue = dialogueWith(deps)
  for (let token = await dialogue.next(NOTHING); token !== undefined;) {
    const answer = await answerTo(deps, saslAuthenticate, { authBytes: token })
    if (answer.errorCode !== 0) {
      throw await dialogue.refused(authenticationRefused(peer, mechanism.name, answer.errorCode, answer.errorMessage))
    }
    sessionLifetimeMs = Number(answer.sessionLifetimeMs)
    token = await dialogue.next(answer.authBytes)
  }
  return sessionLifetimeMs
}

interface Dialogue {
  /** @returns what the mechanism says to an answer; undefined once it is satisfied */
  next(answer: Uint8Array): Promise<Uint8Array | undefined>
  /** @returns why it failed: the broker's word, or the mechanism's, which hears of it */
  refused(refusal: KafkaError): Promise<KafkaError>
}

function dialogueWith({ mechanism, peer }: AuthenticateDeps): Dialogue {
  let tokens: AsyncIterator<Uint8Array, void, Uint8Array> | undefined
  return {
    next: async (answer) => {
      try {
        tokens ??= mechanism.converse(peer)
        const { done, value } = await tokens.next(answer)
        return done === true ? undefined : checkedToken(value)
      } catch (error) {
        throw dialogueFailed(peer, mechanism.name, error)
      }
    },
    refused: async (refusal) => {
      try {
        await tokens?.throw?.(refusal)
        return refusal
      } catch (error) {
        return error === refusal ? refusal : dialogueFailed(peer, mechanism.name, error)
      }
    },
  }
}

/** A text would be encoded all the same, and refused by the broker with no word on why. */
function checkedToken(token: unknown): Uint8Array {
  if (token instanceof Uint8Array) return token
  throw new TypeError(`what converse() yields must be a Uint8Array, and is of type ${typeof token}`)
}

function answerTo<A extends Api>(deps: AuthenticateDeps, api: A, message: RequestInput<A>): Promise<ResponseOf<A>> {
  return new Promise((resolve) => {
    deps.ask(api, message, resolve)
  })
}
