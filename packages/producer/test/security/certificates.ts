import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly cert: string
  /** PKCS#8. */
  readonly key: string
}

export interface CertificateOptions {
  /** Such as `DNS:localhost,IP:127.0.0.1`. */
  readonly names: string
  /** Default: now, for two days. As OpenSSL takes them: 20260101000000Z. */
  readonly from?: string
  readonly to?: string
}

const SETTINGS = `
[ca]
default_ca = test
[test]
new_certs_dir = .
database = index.txt
serial = serial
default_md = sha256
default_days = 2
policy = any
unique_subject = no
[any]
commonName = supplied
`

/** An authority that signs certificates for one run of tests, by the openssl of this machine. */
export class CertificateAuthority {
  readonly #directory: string
  #count = 0

  constructor(name: string) {
    this.#directory = mkdtempSync(join(tmpdir(), 'linger-certificates-'))
    writeFileSync(join(this.#directory, 'index.txt'), '')
    writeFileSync(join(this.#directory, 'serial'), '1000')
    writeFileSync(join(this.#directory, 'ca.cnf'), SETTINGS)
    this.#openssl('req', '-x509', ...newKey('ca'), '-out', 'ca.pem', '-days', '2', '-subj', `/CN=${name}`)
  }

  get cert(): string {
    return this.#read('ca.pem')
  }

  /** Its own certificate, which nobody else has signed. */
  get self(): Certificate {
    return { cert: this.cert, key: this.#read('ca.key') }
  }

  /** Its own certificate and key, as a PKCS#12 file. */
  pkcs12(passphrase: string): Buffer {
    const files = ['-in', 'ca.pem', '-inkey', 'ca.key', '-out', 'ca.p12']
    this.#openssl('pkcs12', '-export', ...files, '-passout', `pass:${passphrase}`)
    return readFileSync(join(this.#directory, 'ca.p12'))
  }

  sign(commonName: string, { names, from, to }: CertificateOptions): Certificate {
    const file = `certificate-${++this.#count}`
    writeFileSync(join(this.#directory, `${file}.ext`), `subjectAltName=${names}\n`)
    this.#openssl('req', ...newKey(file), '-out', `${file}.csr`, '-subj', `/CN=${commonName}`)
    const times = [...(from === undefined ? [] : ['-startdate', from]), ...(to === undefined ? [] : ['-enddate', to])]
    const signing = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key', '-batch', '-notext']
    this.#openssl('ca', ...signing, ...times, '-extfile', `${file}.ext`, '-in', `${file}.csr`, '-out', `${file}.pem`)
    return { cert: this.#read(`${file}.pem`), key: this.#read(`${file}.key`) }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #read(file: string): string {
    return readFileSync(join(this.#directory, file), 'utf8')
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#directory, stdio: 'pipe' })
  }
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${file}.key`]
}
