const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' }

/**
 * Reads what a Java .properties file holds, as Java does: comments, continued lines, escapes, and `=`, `:` or a space
 * after a name. The last of two values of a name counts.
 *
 * @throws what `invalid` makes of the sentence that says what is wrong
 * @source java.util.Properties.load
 */
export function parseProperties(content: string, invalid: (message: string) => Error): Map<string, string> {
  const properties = new Map<string, string>()
  for (const line of logicalLines(content)) {
    const nameEnd = endOfName(line)
    const name = unescaped(line.slice(0, nameEnd), invalid)
    const value = line.slice(nameEnd).replace(/^[ \t\f]*(?:[=:][ \t\f]*)?/, '')
    properties.set(name, unescaped(value, invalid))
  }
  return properties
}

/** Without comments and empty lines, and with those joined that end in a backslash which is not escaped itself. */
function logicalLines(content: string): string[] {
  const lines: string[] = []
  let begun = ''
  let goesOn = false
  for (const natural of content.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '')
    goesOn = false
    if (begun === '' && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const [backslashes = ''] = /\\*$/.exec(line) ?? []
    goesOn = backslashes.length % 2 === 1
    begun += goesOn ? line.slice(0, -1) : line
    if (goesOn) continue
    lines.push(begun)
    begun = ''
  }
  if (goesOn) lines.push(begun) // a backslash is the last of all
  return lines
}

/** The first separator that no backslash stands before. */
function endOfName(line: string): number {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if ('=: \t\f'.includes(line[at] ?? '')) return at
  }
  return line.length
}

function unescaped(text: string, invalid: (message: string) => Error): string {
  return text.replaceAll(/\\(?:u(.{0,4})|(.?))/gs, (_, code: string | undefined, character: string) => {
    if (code === undefined) return ESCAPES[character] ?? character
    if (!/^[0-9a-fA-F]{4}$/.test(code)) throw invalid('after \\u come four hexadecimal digits')
    return String.fromCharCode(Number.parseInt(code, 16))
  })
}
