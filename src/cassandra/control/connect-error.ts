/**
 * Tells why no node could be used, with the configuration key to correct. The driver reports one
 * error per node tried; the most telling one is chosen.
 * Called by `openDriver` only. At start an unreachable cluster is a `config` error; when a session
 * that worked is opened again it is `disconnected`, so that the engine keeps trying.
 */
import {
  type ErrorDeclaration,
  isScamanderError,
  messageOf,
  ScamanderError,
} from '../../base/scamander-error.ts'
import { classify } from '../classify.ts'
import { CASSANDRA_ERRORS as E } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'

interface Finding {
  readonly declaration: ErrorDeclaration
  /** Lower is told first. */
  readonly rank: number
  readonly text: string
}

const NODES_SHOWN_MAX = 3
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused (is a server listening on this port?)',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer (a firewall?)',
}

export function toConnectError(
  error: unknown,
  settings: CassandraConnectionSettings,
  isStart: boolean,
): ScamanderError {
  if (isScamanderError(error)) return error
  const perNode = Object.entries(innerErrors(error) ?? { cluster: error })
  const findings = perNode
    .map(([node, cause]) => ({ node, ...find(cause, settings) }))
    .sort((a, b) => a.rank - b.rank)
  const first = findings[0]
  if (first === undefined) return classify(error, { phase: 'connect' })
  const same = findings.filter(one => one.declaration === first.declaration)
  const nodes = same.slice(0, NODES_SHOWN_MAX).map(one => one.node)
  const more = same.length > nodes.length ? ` and ${same.length - nodes.length} more` : ''
  const isFinal = isStart || first.declaration !== E.CONTACT_REFUSED
  const text = first.text.replace('<node>', `${nodes.join(', ')}${more}`)
  const declaration = isFinal ? first.declaration : E.CONNECTION_LOST
  return connectError(declaration, text, { settings, cause: error })
}

/** The error in the words of the user's configuration. */
export function connectError(
  declaration: ErrorDeclaration,
  text: string,
  of: { readonly settings: CassandraConnectionSettings; readonly cause?: unknown },
): ScamanderError {
  const { settings, cause } = of
  const { keyNames } = settings
  const options = cause === undefined ? {} : { cause }
  if (keyNames === undefined) return new ScamanderError(declaration, text, options)
  // What was found out by the servers stands behind the colon, as it came.
  const end = text.indexOf(': ') + 1
  const message = renamed(text.slice(0, end), keyNames) + text.slice(end)
  const advice = renamed(declaration.advice, keyNames)
  return new ScamanderError({ ...declaration, advice }, message, options)
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text.replace(/[A-Za-z]+(?:\.[A-Za-z]+)*/g, word => names.get(word) ?? word)
}

function innerErrors(error: unknown): Record<string, unknown> | undefined {
  const inner = (error as { innerErrors?: Record<string, unknown> } | undefined)?.innerErrors
  return inner !== undefined && Object.keys(inner).length > 0 ? inner : undefined
}

function find(cause: unknown, settings: CassandraConnectionSettings): Finding {
  const text = messageOf(cause)
  const classified = classify(cause, { phase: 'connect' })
  if (classified.code === E.CREDENTIALS.code) return credentials(text, settings)
  const dcs = /(?:Available DCs are|in data centers): \[(.*)\]/.exec(text)?.[1]
  if (dcs !== undefined) return localDc(dcs.split(/,\s*/), settings)
  const tls = tlsReason(cause, settings)
  if (tls !== undefined) {
    return { declaration: E.TLS_REFUSED, rank: 2, text: tls }
  }
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code ?? '')
  const reason = REASONS[code] ?? text
  const rank = classified.kind === 'disconnected' ? 4 : 3
  return {
    declaration: E.CONTACT_REFUSED,
    rank,
    text: `contactPoints, port: expected a Cassandra node at <node>, found: ${reason}`,
  }
}

function credentials(text: string, settings: CassandraConnectionSettings): Finding {
  const found =
    settings.credentials === undefined
      ? 'no login (set auth.username and auth.password)'
      : `the login of user "${settings.credentials.username}" refused`
  const server = text.replaceAll(settings.credentials?.password || '\0', '…')
  const message = `auth.username, auth.password: expected a login that <node> accepts, found ${found}: ${server}`
  return { declaration: E.CREDENTIALS, rank: 0, text: message }
}

/** The error for a data centre that no node is in. */
export function localDc(seen: readonly string[], settings: CassandraConnectionSettings): Finding {
  const names = [...new Set(seen.map(name => name.trim()))].filter(name => name !== '').sort()
  return {
    declaration: E.LOCAL_DC,
    rank: 1,
    text:
      `loadBalancing.localDc: expected one of the data centres of the cluster (${names.join(', ')}), ` +
      `found "${settings.localDc}"`,
  }
}

function tlsReason(cause: unknown, settings: CassandraConnectionSettings): string | undefined {
  const text = messageOf(cause)
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code ?? '')
  const hasTls = settings.tls !== undefined || settings.cloud !== undefined
  if (!hasTls) {
    const isClosed = /socket was closed|ECONNRESET|EPIPE/i.test(`${text} ${code}`)
    return isClosed
      ? 'ssl.provider: expected a CQL server without TLS at <node>, found one that closes the connection (set ssl.provider=JDK or OpenSSL if it demands TLS)'
      : undefined
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `ssl.hostnameValidation: expected a certificate for the host name of <node>, found: ${text}`
  }
  if (/SELF_SIGNED|UNABLE_TO_|CERT_|ISSUER/.test(code)) {
    return `ssl.truststore.path: expected to trust the certificate of <node>, found: ${text} (${code})`
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH/.test(code) || /wrong version number/i.test(text)) {
    return 'ssl.provider: expected a TLS server at <node>, found one that speaks without TLS'
  }
  if (/CIPHER|HANDSHAKE_FAILURE|NO_SHARED/.test(code)) {
    return `ssl.cipherSuites: expected cipher suites in common with <node>, found none: ${text}`
  }
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN/i.test(code)) {
    return `ssl.keystore.path: expected a client certificate that <node> accepts, found one refused or none: ${text}`
  }
  const isClosed = /socket was closed|secure TLS connection|ECONNRESET|EPROTO|EPIPE/i
  if (isClosed.test(`${text} ${code}`) || code.startsWith('ERR_SSL')) {
    return `ssl.provider, ssl.keystore.path: expected a TLS handshake with <node>, found a closed connection (no TLS on that port, or a client certificate is demanded): ${text}`
  }
  return undefined
}
