import type { SaslOptions } from '../network/sasl/sasl-options.ts'
import type { TlsOptions } from '../ports/tls.ts'
import { checkedSasl } from './check-sasl.ts'
import { checkedTls } from './check-tls.ts'
import type { Logger } from './producer-config.ts'

/** Is a connection encrypted (SSL), and do we say who we are (SASL)? */
export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'

export const securityProtocols: readonly SecurityProtocol[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']

/** The same for every connection, or asked for each, so that certificates can change while the producer runs. */
export type SslConfig = TlsOptions | (() => TlsOptions | Promise<TlsOptions>)

interface GivenSecurity {
  readonly securityProtocol: SecurityProtocol
  readonly ssl: unknown
  readonly sasl: unknown
  readonly logger: Logger
}

interface ResolvedSecurity {
  readonly ssl: (() => TlsOptions | Promise<TlsOptions>) | undefined
  readonly sasl: SaslOptions | undefined
}

/**
 * Checks everything that has to do with security. No error says what a value was: it may be a secret.
 *
 * @returns copies of what was given: nobody changes them afterwards, and nothing is read from a prototype
 * @throws what `invalid` makes of the sentence that says what is wrong
 */
export function checkedSecurity(
  { securityProtocol, ssl, sasl, logger }: GivenSecurity,
  invalid: (message: string) => Error,
): ResolvedSecurity {
  const isEncrypted = securityProtocol === 'SSL' || securityProtocol === 'SASL_SSL'
  const hasSasl = securityProtocol.startsWith('SASL_')
  if (ssl !== undefined && !isEncrypted) {
    throw invalid(`ssl needs securityProtocol 'SSL' or 'SASL_SSL', not '${securityProtocol}'`)
  }
  if (sasl !== undefined && !hasSasl) {
    throw invalid(`sasl needs securityProtocol 'SASL_SSL', not '${securityProtocol}'`)
  }
  if (sasl === undefined && hasSasl) {
    throw invalid(`securityProtocol '${securityProtocol}' needs sasl: { mechanism, ... }`)
  }
  return {
    ssl: isEncrypted ? tlsSource(ssl, invalid, logger) : undefined,
    sasl: hasSasl ? checkedSasl(sasl, isEncrypted, invalid, logger) : undefined,
  }
}

/** What a function gives is checked each time as what is given once. */
function tlsSource(
  ssl: unknown,
  invalid: (message: string) => Error,
  logger: Logger,
): () => TlsOptions | Promise<TlsOptions> {
  if (typeof ssl !== 'function') {
    const options = checkedTls(ssl ?? {}, invalid)
    if (options.rejectUnauthorized === false) warnOfUnverified(logger)
    return () => options
  }
  const invalidGiven = (message: string): Error => invalid(`the function ssl gave what cannot be used: ${message}`)
  let warn = (): void => {
    warn = () => {} // once, not for every connection
    warnOfUnverified(logger)
  }
  return async () => {
    const options = checkedTls(await (ssl as () => unknown)(), invalidGiven)
    if (options.rejectUnauthorized === false) warn()
    return options
  }
}

function warnOfUnverified(logger: Logger): void {
  logger.warn(
    'linger: ssl.rejectUnauthorized is false: anyone on the way can pass for a broker, and read and change everything',
  )
}
