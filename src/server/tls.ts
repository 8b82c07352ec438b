/**
 * TLS of the server's listeners from Java properties: `listeners.https.ssl.*`, or `ssl.*` when
 * there is none of them; key stores as PEM, PKCS12 or JKS, read as the Kafka clients read theirs.
 * Called at start for every https listener.
 * Invariant: a listener without a key of its own, or that demands certificates and trusts none,
 * does not start; messages name the key, never a secret.
 * Spec: connect-rest 8.
 */
import type { TlsOptions } from 'node:tls'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { type ConfigSource, subSource, toRecord } from '../config/index.ts'
import { toClientSettings } from '../kafka/index.ts'
import { Logger } from '../telemetry/index.ts'
import { SERVER_ERRORS } from './errors.ts'

export type TlsPrefix = 'listeners.https.' | 'admin.listeners.https.'

export type ClientAuth = 'none' | 'requested' | 'required'

export interface ServerTls {
  readonly options: TlsOptions
  readonly clientAuth: ClientAuth
}

export function toServerTls(worker: ConfigSource, prefix: TlsPrefix): ServerTls {
  const { values, given } = valuesOf(worker, prefix)
  const { tls } = settingsOf(values, given)
  if (tls?.key === undefined) {
    const message = `${given}ssl.keystore.location: expected the key store of the https listener, found none`
    throw new ScamanderError(SERVER_ERRORS.TLS, message)
  }
  const clientAuth = clientAuthOf(values, given)
  if (clientAuth !== 'none' && tls.ca === undefined) {
    const message = `${given}ssl.truststore.location: expected the certificates that callers are checked against, found none`
    throw new ScamanderError(SERVER_ERRORS.TLS, message)
  }
  const { key, cert, ca, ciphers, minVersion, maxVersion } = tls
  const options: TlsOptions = {
    key,
    cert,
    ...(ca === undefined ? {} : { ca }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'required',
  }
  return { options, clientAuth }
}

/** Either all with the prefix or all without, as Kafka takes them. */
function valuesOf(worker: ConfigSource, prefix: TlsPrefix) {
  const own = toRecord(subSource(worker, prefix))
  const hasOwn = Object.keys(own).some(key => key.startsWith('ssl.'))
  const all = hasOwn ? own : toRecord(worker)
  const ssl = Object.entries(all).filter(([key]) => key.startsWith('ssl.'))
  return { values: Object.fromEntries(ssl), given: hasOwn ? prefix : '' }
}

function settingsOf(values: Readonly<Record<string, string>>, given: string) {
  const { 'ssl.client.auth': _, ...rest } = values
  const properties = {
    ...rest,
    'bootstrap.servers': 'localhost:9092',
    'security.protocol': 'SSL',
  }
  try {
    return toClientSettings(properties, Logger.silent()).connection
  } catch (cause) {
    if (!isScamanderError(cause)) throw cause
    throw new ScamanderError(SERVER_ERRORS.TLS, `${given}${cause.message}`, { cause })
  }
}

function clientAuthOf(values: Readonly<Record<string, string>>, given: string): ClientAuth {
  const text = values['ssl.client.auth']?.trim().toLowerCase() ?? 'none'
  if (text === 'none' || text === 'requested' || text === 'required') return text
  const message = `${given}ssl.client.auth: expected none, requested or required, found ${text}`
  throw new ScamanderError(SERVER_ERRORS.TLS, message)
}
