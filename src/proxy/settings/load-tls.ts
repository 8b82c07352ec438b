/**
 * Loads key and certificate files: of the proxy itself (PEM, JKS, PKCS12) and of its connections to
 * the clusters. Called while settings are read, so that every mistake is told at start.
 * Invariant: nothing secret is in an error.
 * Spec: live-migration 1.3, 1.5.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readKeyStore } from '../../base/keystore/key-store.ts'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { optionError, PROXY_ERRORS } from '../errors.ts'
import type { ArgumentReader } from './argument-parser.ts'
import type { ClusterTls, ProxySettings } from './proxy-settings.ts'

/** TLS towards clients; undefined: plain text. */
export function loadClientTls(reader: ArgumentReader): ProxySettings['clientTls'] {
  const keyFile = reader.text('proxy-pem-keyfile')
  const certFile = reader.text('proxy-pem-certfile')
  const store = reader.text('proxy-jks-file')
  if (store !== undefined && (keyFile !== undefined || certFile !== undefined)) {
    throw optionError('--proxy-jks-file and --proxy-pem-keyfile: expected PEM files or a key store')
  }
  if (store !== undefined) return loadStore(store, reader.text('proxy-jks-password')!)
  if (keyFile === undefined && certFile === undefined) return undefined
  if (keyFile === undefined || certFile === undefined) {
    throw optionError('--proxy-pem-keyfile and --proxy-pem-certfile: expected both or neither')
  }
  return checkPair(
    { option: 'proxy-pem-keyfile', text: readText('proxy-pem-keyfile', keyFile) },
    { option: 'proxy-pem-certfile', text: readText('proxy-pem-certfile', certFile) },
  )
}

/** What is configured for connections to one cluster. */
export function loadClusterTls(
  reader: ArgumentReader,
  name: 'source' | 'target',
): { material: ClusterTls; isConfigured: boolean } {
  const caFile = reader.text(`${name}-ca`)
  const certFile = reader.text(`${name}-cert`)
  const keyFile = reader.text(`${name}-key`)
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw optionError(`--${name}-cert and --${name}-key: expected both or neither`)
  }
  const pair =
    certFile === undefined || keyFile === undefined
      ? undefined
      : checkPair(
          { option: `${name}-key`, text: readText(`${name}-key`, keyFile) },
          { option: `${name}-cert`, text: readText(`${name}-cert`, certFile) },
        )
  const material = {
    ca: caFile === undefined ? undefined : loadAnchors(`${name}-ca`, caFile),
    cert: pair?.cert,
    key: pair?.key,
    isHostnameVerified: reader.boolean('verify-hostname'),
  }
  return { material, isConfigured: caFile !== undefined || pair !== undefined }
}

function loadStore(path: string, password: string): { key: string; cert: string } {
  try {
    const { privateKey, chain } = readKeyStore(readBytes('proxy-jks-file', path), password)
    if (privateKey === undefined || chain === undefined) {
      throw new Error('expected a private key with its certificate, found none')
    }
    return { key: privateKey, cert: chain.join('') }
  } catch (cause) {
    throw tlsError('proxy-jks-file', messageOf(cause), cause)
  }
}

function loadAnchors(option: string, path: string): string[] {
  try {
    const { certificates, chain } = readKeyStore(readBytes(option, path), undefined)
    const anchors = [...certificates, ...(chain ?? [])]
    if (anchors.length > 0) return anchors
  } catch (cause) {
    throw tlsError(option, messageOf(cause), cause)
  }
  throw tlsError(option, 'expected certificates, found none')
}

interface PemText {
  readonly option: string
  readonly text: string
}

function checkPair(key: PemText, cert: PemText): { key: string; cert: string } {
  const certificate = attempt(cert.option, () => new X509Certificate(cert.text))
  const privateKey = attempt(key.option, () => createPrivateKey(key.text))
  if (!certificate.checkPrivateKey(privateKey)) {
    throw tlsError(key.option, `expected the key of the certificate in --${cert.option}`)
  }
  return { key: key.text, cert: cert.text }
}

function attempt<T>(option: string, parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw tlsError(option, 'expected PEM text, found something that does not parse', cause)
  }
}

function readText(option: string, path: string): string {
  return readBytes(option, path).toString('latin1')
}

function readBytes(option: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw tlsError(option, `expected a readable file, found none at ${path}`, cause)
  }
}

function tlsError(option: string, text: string, cause?: unknown): ScamanderError {
  return new ScamanderError(PROXY_ERRORS.TLS, `--${option}: ${text}`, { cause })
}
