import type { AccessToken, TokenProvider } from './access-token.ts'

/** What the signers of `aws-msk-iam-sasl-signer-js` give. */
export interface MskIamToken {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly expiryTime: number
}

/**
 * Tokens for Amazon MSK with IAM, by AWS's own signer:
 *
 * ```ts
 * import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js'
 *
 * const token = mskIamTokens(() => generateAuthToken({ region: 'eu-central-1' }))
 * new Producer({ ..., securityProtocol: 'SASL_SSL', sasl: { mechanism: 'OAUTHBEARER', token } })
 * ```
 *
 * @param generate one of the functions of `aws-msk-iam-sasl-signer-js` 1.x, which finds AWS credentials by itself
 */
export function mskIamTokens(generate: () => Promise<MskIamToken>): TokenProvider {
  return async (): Promise<AccessToken> => {
    const { token, expiryTime } = await generate()
    return { value: token, expiresAtMs: expiryTime }
  }
}
