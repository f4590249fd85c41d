/** What the broker asks for: `r=...,s=...,i=...`. */
export interface ServerFirst {
  readonly nonce: string
  readonly salt: Uint8Array
  readonly iterations: number
}

/** RFC 5802: printable ASCII without the comma. */
const NONCE = /^r=([\x21-\x2b\x2d-\x7e]+)$/
const SALT = /^s=((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/
const ITERATIONS = /^i=([1-9][0-9]{0,9})$/
const VERIFIER = /^v=((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/

/**
 * Reads the server-first-message. Strict, since what is in it decides what we prove and how much we compute.
 *
 * @throws Error that says which part is wrong, and repeats nothing of it
 * @source RFC 5802, section 7
 */
export function readServerFirst(bytes: Uint8Array): ServerFirst {
  // Extensions may follow; a mandatory one (m=) would stand first, and is none that we know.
  const [noncePart = '', saltPart = '', iterationsPart = ''] = textOf(bytes).split(',')
  if (noncePart.startsWith('m=')) throw new Error('it demands an extension that this client does not know')
  const nonce = NONCE.exec(noncePart)?.[1]
  if (nonce === undefined) throw new Error('its nonce is missing or malformed')
  const salt = SALT.exec(saltPart)?.[1]
  if (salt === undefined || salt === '') throw new Error('its salt is missing or malformed')
  const iterations = ITERATIONS.exec(iterationsPart)?.[1]
  if (iterations === undefined) throw new Error('its iteration count is missing or malformed')
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations: Number(iterations) }
}

/**
 * Reads the server-final-message: the broker's own proof.
 *
 * @throws Error when there is none
 */
export function readServerFinal(bytes: Uint8Array): Uint8Array {
  const [first = ''] = textOf(bytes).split(',')
  if (first.startsWith('e=')) throw new Error('it refuses the proof')
  const verifier = VERIFIER.exec(first)?.[1]
  if (verifier === undefined || verifier === '') throw new Error('it does not prove that it knows the password')
  return Buffer.from(verifier, 'base64')
}

/** A comma and an equals sign would end the name. */
export function saslName(username: string): string {
  return username.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}
