/**
 * The secure connect bundle of cloud databases: a zip with the address of a metadata service and
 * the client's TLS identity. `readSecureBundle` loads it (path, URL or inline data),
 * `fetchCloudTopology` asks the service where to connect. Nodes are reached through one SNI proxy:
 * the TLS server name is the host id, the certificate is checked against the proxy's name.
 * Spec: cassandra-sink 3.3.
 */
import { request } from 'node:https'
import { checkServerIdentity } from 'node:tls'
import { lazyPackage } from '../base/lazy-package.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from './errors.ts'
import { readFileValue } from './file-value.ts'
import type { Credentials } from './settings.ts'
import { type TlsMaterial, toTlsOptions } from './tls.ts'

export const BUNDLE_KEY = 'cloud.secureConnectBundle'
const BUNDLE_BYTES_MAX = 4 * 1024 * 1024
const ENTRY_BYTES_MAX = 1024 * 1024
const ANSWER_BYTES_MAX = 1024 * 1024
const DOWNLOAD_TIMEOUT_MS = 30_000
const ENTRIES = ['config.json', 'ca.crt', 'cert', 'key']

export interface SecureBundle {
  /** Address of the metadata service. */
  readonly host: string
  readonly port: number
  readonly tls: TlsMaterial
  /** Some bundles carry a login; settings of the user win. */
  readonly credentials?: Credentials
  readonly keyspace?: string
}

export interface CloudTopology {
  readonly localDc: string
  readonly proxyHost: string
  readonly proxyPort: number
  readonly hostIds: readonly string[]
}

/** Loads and checks the bundle that `value` names. Network only for http(s) URLs. */
export async function readSecureBundle(
  value: string,
  options: { key?: string; signal?: AbortSignal } = {},
): Promise<SecureBundle> {
  const key = options.key ?? BUNDLE_KEY
  const bytes = /^https?:/i.test(value)
    ? await download(key, value, options.signal)
    : readFileValue(key, value, CASSANDRA_ERRORS.BUNDLE)
  return parseBundle(key, bytes)
}

/** Asks the metadata service; errors are `CLOUD_REFUSED` and name what was found. */
export async function fetchCloudTopology(
  bundle: SecureBundle,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<CloudTopology> {
  const where = `metadata service ${bundle.host}:${bundle.port}`
  let text: string
  try {
    text = await get(bundle, options)
  } catch (cause) {
    if (isScamanderError(cause)) throw cause
    throw cloudError(`${where}: expected an answer, found ${messageOf(cause)}`, cause)
  }
  return parseTopology(where, text)
}

/** TLS towards the SNI proxy: the certificate must be the proxy's, whatever the server name. */
export function toProxyTls(
  bundle: SecureBundle,
  proxyHost: string,
): ReturnType<typeof toTlsOptions> {
  return {
    ...toTlsOptions(bundle.tls),
    checkServerIdentity: (_name, certificate) => checkServerIdentity(proxyHost, certificate),
  }
}

export function parseBundle(key: string, bytes: Buffer): SecureBundle {
  const entries = unzip(key, bytes)
  const entry = (name: string): string => {
    const content = entries[name]
    if (content !== undefined) return Buffer.from(content).toString('utf8')
    const found = Object.keys(entries).join(', ') || 'none of the expected entries'
    throw bundleError(`${key}: expected ${ENTRIES.join(', ')} in the bundle, found ${found}`)
  }
  const config = parseObject(entry('config.json'))
  const host = config?.['host']
  const port = Number(config?.['port'])
  if (typeof host !== 'string' || host === '' || !Number.isInteger(port) || port < 1) {
    throw bundleError(`${key}: expected host and port in config.json, found neither or one`)
  }
  const { username, password, keyspace } = config as Record<string, unknown>
  return {
    host,
    port,
    tls: {
      ca: [entry('ca.crt')],
      cert: entry('cert'),
      key: entry('key'),
      hostnameValidation: true,
    },
    ...(typeof username === 'string' && typeof password === 'string' && username !== ''
      ? { credentials: { username, password } }
      : {}),
    ...(typeof keyspace === 'string' && keyspace !== '' ? { keyspace } : {}),
  }
}

const library = lazyPackage<typeof import('fflate')>('fflate')

function unzip(key: string, bytes: Buffer): Record<string, Uint8Array> {
  try {
    return library().unzipSync(bytes, {
      filter: file => {
        if (!ENTRIES.includes(file.name)) return false
        if (file.originalSize <= ENTRY_BYTES_MAX) return true
        throw bundleError(`${key}: expected small entries, found ${file.originalSize} bytes`)
      },
    })
  } catch (cause) {
    if (isScamanderError(cause)) throw cause
    const message = `${key}: expected a zip file, found ${bytes.length} bytes that are none`
    throw new ScamanderError(CASSANDRA_ERRORS.BUNDLE, message, { cause })
  }
}

async function download(key: string, url: string, signal?: AbortSignal): Promise<Buffer> {
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)
  const origin = URL.canParse(url) ? new URL(url).origin : 'an invalid URL' // the rest may be a token
  try {
    const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    const answer = await fetch(url, { signal: stop })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    return await readLimited(answer)
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause ? messageOf(cause.cause) : messageOf(cause)
    const message = `${key}: expected a bundle at ${origin}, found ${reason}`
    throw new ScamanderError(CASSANDRA_ERRORS.BUNDLE, message, { cause })
  }
}

async function readLimited(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > BUNDLE_BYTES_MAX) throw new Error(`more than ${BUNDLE_BYTES_MAX} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function get(
  bundle: SecureBundle,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<string> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout])
  return new Promise((resolve, reject) => {
    const { host, port } = bundle
    const target = { host, port, path: '/metadata', agent: false, signal }
    const sent = request({ ...toTlsOptions(bundle.tls), ...target }, answer => {
      if (answer.statusCode !== 200) {
        answer.resume()
        return reject(
          cloudError(
            `metadata service ${host}:${port}: expected status 200, found ${answer.statusCode}`,
          ),
        )
      }
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        if (text.length > ANSWER_BYTES_MAX) sent.destroy(new Error('an answer that is too long'))
      })
      answer.on('end', () => resolve(text))
      answer.on('error', reject)
    })
    sent.on('error', error =>
      reject(timeout.aborted ? new Error(`no answer within ${options.timeoutMs} ms`) : error),
    )
    sent.end()
  })
}

function parseTopology(where: string, text: string): CloudTopology {
  const contact = parseObject(text)?.['contact_info'] as Record<string, unknown> | undefined
  const localDc = contact?.['local_dc']
  const proxy = contact?.['sni_proxy_address']
  const points = contact?.['contact_points']
  const match = typeof proxy === 'string' ? /^(.+):(\d+)$/.exec(proxy) : null
  const hostIds = Array.isArray(points) ? points.filter(one => typeof one === 'string') : []
  if (typeof localDc !== 'string' || match === null || hostIds.length === 0) {
    const wanted = 'contact_info with local_dc, sni_proxy_address and contact_points'
    throw cloudError(`${where}: expected ${wanted}, found an answer without them`)
  }
  return { localDc, proxyHost: match[1]!, proxyPort: Number(match[2]), hostIds }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function bundleError(message: string): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.BUNDLE, message)
}

function cloudError(message: string, cause?: unknown): ScamanderError {
  return new ScamanderError(CASSANDRA_ERRORS.CLOUD_REFUSED, message, { cause })
}
