import type { IncomingMessage } from 'node:http'
import type { Http, HttpRequest, HttpResponse } from '../http.ts'

/** HTTP by node:http and node:https, which follow no redirect. A connection for each request. */
export class NodeHttp implements Http {
  post({ url, headers, body, timeoutMs, responseBytesMax, ca }: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      // Loaded only here: who needs no token need not wait for it when this package is imported.
      const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http')
      const options = {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : Buffer.from(ca) }),
      }
      const onResponse = (response: IncomingMessage): void => {
        readAll(response, responseBytesMax).then((bytes) => {
          resolve({ status: response.statusCode ?? 0, body: bytes })
        }, reject)
      }
      request(url, options, onResponse)
        .once('error', (error) => {
          reject(error.name === 'AbortError' ? new Error(`no answer within ${timeoutMs} ms`) : error)
        })
        .end(body)
    })
  }
}

async function readAll(response: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax) {
      response.destroy()
      throw new Error(`an answer of more than ${bytesMax} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
