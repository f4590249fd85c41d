import { createServer, type IncomingMessage, type Server } from 'node:http'

interface RegisteredSchema {
  readonly schemaType?: string
  readonly schema: string
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Stands in for a Schema Registry: its REST API over HTTP on loopback, as far as serializers ask for it. */
export class RegistryStandIn {
  readonly #server: Server
  /** The id of each schema is its place, counted from 1. */
  readonly #schemas: RegisteredSchema[] = []
  readonly #subjects = new Map<string, number[]>()
  /** `METHOD /path`, in the order in which they came. */
  readonly requests: string[] = []
  /** What it answers instead, while there is something. */
  fault: Answer | undefined

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (request, response) => {
      void this.#handle(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
        response.end(JSON.stringify(body))
      })
    })
  }

  static async start(): Promise<RegistryStandIn> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new RegistryStandIn(server)
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the registry does not listen')
    return `http://127.0.0.1:${address.port}`
  }

  get subjects(): string[] {
    return [...this.#subjects.keys()]
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Registers a schema behind the back of the client. */
  add(subject: string, schema: RegisteredSchema): number {
    let at = this.#schemas.findIndex((known) => known.schema === schema.schema)
    if (at < 0) at = this.#schemas.push(schema) - 1
    const ids = this.#subjects.get(subject) ?? []
    if (!ids.includes(at + 1)) ids.push(at + 1)
    this.#subjects.set(subject, ids)
    return at + 1
  }

  async #handle(request: IncomingMessage): Promise<Answer> {
    const { pathname } = new URL(request.url ?? '/', this.url)
    this.requests.push(`${request.method} ${pathname}`)
    let text = ''
    for await (const chunk of request) text += String(chunk)
    if (this.fault !== undefined) return this.fault
    const [collection, name = '', versions, version] = pathname.split('/').slice(1).map(decodeURIComponent)
    if (collection === 'schemas' && versions !== undefined) return this.#byId(Number(versions))
    if (collection !== 'subjects') return { status: 404, body: { error_code: 404, message: 'HTTP 404 Not Found' } }
    if (request.method === 'POST') {
      const schema: unknown = JSON.parse(text)
      assertSchema(schema)
      if (versions === 'versions') return this.#described(name, this.add(name, schema))
      return this.#described(name, this.#schemas.findIndex((known) => known.schema === schema.schema) + 1)
    }
    const ids = this.#subjects.get(name) ?? []
    return this.#described(name, ids.at(version === 'latest' ? -1 : Number(version) - 1) ?? 0)
  }

  #byId(id: number): Answer {
    const schema = this.#schemas[id - 1]
    if (schema === undefined) return { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
    return { status: 200, body: schema }
  }

  #described(subject: string, id: number): Answer {
    const schema = this.#schemas[id - 1]
    const version = (this.#subjects.get(subject)?.indexOf(id) ?? -1) + 1
    if (schema === undefined || version === 0)
      return { status: 404, body: { error_code: 40401, message: `Subject '${subject}' not found.` } }
    return { status: 200, body: { subject, version, id, ...schema } }
  }
}

function assertSchema(sent: unknown): asserts sent is RegisteredSchema {
  if (typeof sent !== 'object' || sent === null || !('schema' in sent)) throw new Error('a schema is wanted')
}
