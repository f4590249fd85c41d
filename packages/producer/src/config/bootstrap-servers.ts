/**
 * Splits `host:port,host:port` and lists of it. IPv6 addresses stand in brackets: `[::1]:9092`.
 *
 * @throws what `invalid` makes of the sentence that says what is wrong
 */
export function parseBootstrapServers(
  servers: string | readonly string[],
  invalid: (message: string) => Error,
): readonly string[] {
  const list = (typeof servers === 'string' ? [servers] : servers)
    .flatMap((entry) => entry.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  if (list.length === 0) throw invalid("bootstrapServers must name at least one 'host:port'")
  for (const entry of list) {
    if (parseHostPort(entry) === undefined)
      throw invalid(`bootstrapServers: '${entry}' is not host:port with a port from 1 to 65535`)
  }
  return list
}

export function parseHostPort(entry: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(entry)
  if (match === null) return undefined
  const host = match[1] ?? match[2]
  const port = Number(match[3])
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}
