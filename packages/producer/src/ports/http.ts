/** HTTP for the engine: tokens are fetched with it. */
export interface Http {
  /** Follows no redirect. Rejects when there is no answer in time, or a longer one than allowed. */
  post(request: HttpRequest): Promise<HttpResponse>
}

export interface HttpRequest {
  /** https, or http. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  readonly responseBytesMax: number
  /** Who may have signed the server's certificate. Default: the authorities that Node trusts. */
  readonly ca: string | Uint8Array | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly body: Uint8Array
}
