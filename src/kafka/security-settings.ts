/**
 * TLS and SASL from Java client properties: key stores in any format become PEM for node:tls, the
 * JAAS line becomes a mechanism with credentials. Called once per client by the client settings.
 * Invariant: a file or password that cannot be used is a config error that names its key; nothing
 * secret is in it.
 * Spec: connect-rest 10.
 */
import { readFileSync } from 'node:fs'
import type { SecureVersion, ConnectionOptions as TlsOptions } from 'node:tls'
import { type KeyStore, readKeyStore } from '../base/keystore/key-store.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { ClientKeyName } from './client-keys.ts'
import { KAFKA_ERRORS } from './errors.ts'
import { type JaasLogin, parseJaas } from './jaas.ts'
import { badValue, type KeyValues } from './key-values.ts'
import { fetchedToken, unsecuredToken } from './oauth-token.ts'
import type { SaslSettings } from './settings.ts'

/** Undefined when `security.protocol` is without TLS. */
export function toTlsOptions(values: KeyValues): TlsOptions | undefined {
  if (!values.text('security.protocol')!.endsWith('SSL')) return undefined
  const options: TlsOptions = { rejectUnauthorized: true, ...protocolRange(values) }
  const anchors = trustAnchors(values)
  if (anchors !== undefined) options.ca = anchors
  const own = ownStore(values)
  if (own?.privateKey !== undefined) options.key = own.privateKey
  if (own?.chain !== undefined) options.cert = own.chain.join('\n')
  const ciphers = values.list('ssl.cipher.suites')
  if (ciphers.length > 0) options.ciphers = ciphers.join(':')
  const identification = values.text('ssl.endpoint.identification.algorithm')!
  if (identification === '') options.checkServerIdentity = () => undefined
  else if (identification.toLowerCase() !== 'https') {
    throw badValue('ssl.endpoint.identification.algorithm', identification, 'https or empty text')
  }
  return options
}

/** Undefined when `security.protocol` is without SASL. */
export function toSaslSettings(values: KeyValues): SaslSettings | undefined {
  if (!values.text('security.protocol')!.startsWith('SASL')) return undefined
  const mechanism = values.text('sasl.mechanism')!
  if (mechanism === 'GSSAPI') {
    throw badValue(
      'sasl.mechanism',
      mechanism,
      'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER',
    )
  }
  const login = parseJaas(values.text('sasl.jaas.config') ?? '')
  if ('problem' in login) throw jaasError(login.problem)
  const isOauth = mechanism === 'OAUTHBEARER'
  const wanted = isOauth
    ? 'OAuthBearerLoginModule'
    : mechanism === 'PLAIN'
      ? 'PlainLoginModule'
      : 'ScramLoginModule'
  if (login.module !== wanted)
    throw jaasError(`${mechanism} needs ${wanted}, found ${login.module}`)
  if (isOauth) return { mechanism, token: oauthToken(values, login) }
  return {
    mechanism: mechanism as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
    username: requiredOption(login, 'username'),
    password: requiredOption(login, 'password'),
  }
}

function oauthToken(values: KeyValues, login: JaasLogin): () => Promise<string> {
  const url = values.text('sasl.oauthbearer.token.endpoint.url')
  if (url !== undefined) {
    return fetchedToken({
      url,
      clientId: requiredOption(login, 'clientId'),
      clientSecret: requiredOption(login, 'clientSecret'),
      scope: login.options.get('scope'),
    })
  }
  const subject = login.options.get('unsecuredLoginStringClaim_sub')
  if (subject !== undefined) return async () => unsecuredToken(subject, Date.now())
  throw jaasError(
    'needs clientId and clientSecret together with sasl.oauthbearer.token.endpoint.url',
  )
}

function requiredOption(login: JaasLogin, name: string): string {
  const value = login.options.get(name)
  if (value === undefined) throw jaasError(`option ${name} of ${login.module} is missing`)
  return value
}

function jaasError(problem: string): ScamanderError {
  return new ScamanderError(KAFKA_ERRORS.BAD_SETTING, `sasl.jaas.config: ${problem}`, {
    context: { key: 'sasl.jaas.config' },
  })
}

function protocolRange(values: KeyValues): {
  minVersion: SecureVersion
  maxVersion: SecureVersion
} {
  const versions = values.list('ssl.enabled.protocols').sort() as SecureVersion[]
  if (versions.length === 0) throw badValue('ssl.enabled.protocols', '', 'at least one TLS version')
  return { minVersion: versions[0]!, maxVersion: versions.at(-1)! }
}

function trustAnchors(values: KeyValues): string[] | undefined {
  const inline = values.text('ssl.truststore.certificates')
  if (inline !== undefined) {
    return readStore('ssl.truststore.certificates', Buffer.from(inline), [undefined]).certificates
  }
  const path = values.text('ssl.truststore.location')
  if (path === undefined) return undefined
  const password = values.text('ssl.truststore.password')
  const store = readStore('ssl.truststore.location', readFile('ssl.truststore.location', path), [
    password,
  ])
  if (store.certificates.length > 0) return store.certificates
  throw badValue('ssl.truststore.location', path, 'a store with at least one certificate to trust')
}

function ownStore(values: KeyValues): KeyStore | undefined {
  const keyPassword = values.text('ssl.key.password')
  const key = values.text('ssl.keystore.key')
  if (key !== undefined) {
    const chain = values.text('ssl.keystore.certificate.chain')
    if (chain === undefined) {
      throw badValue('ssl.keystore.certificate.chain', '', 'the certificate of ssl.keystore.key')
    }
    return readStore('ssl.keystore.key', Buffer.from(`${key}\n${chain}`), [keyPassword])
  }
  const path = values.text('ssl.keystore.location')
  if (path === undefined) return undefined
  const password = values.text('ssl.keystore.password')
  const bytes = readFile('ssl.keystore.location', path)
  const store = readStore('ssl.keystore.location', bytes, [password, keyPassword])
  if (store.privateKey !== undefined && store.chain !== undefined) return store
  throw badValue('ssl.keystore.location', path, 'a private key together with its certificate')
}

function readFile(key: ClientKeyName, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = (error as { code?: string }).code ?? messageOf(error)
    throw badValue(key, path, `a readable file (${code})`)
  }
}

/** `passwords`: of the store, and of the key where it differs. */
function readStore(
  key: ClientKeyName,
  bytes: Buffer,
  passwords: readonly [string | undefined, (string | undefined)?],
): KeyStore {
  try {
    const [password, keyPassword] = passwords
    return readKeyStore(bytes, password, keyPassword === undefined ? {} : { keyPassword })
  } catch (cause) {
    const message = `${key}: ${messageOf(cause)}`
    throw new ScamanderError(KAFKA_ERRORS.BAD_SETTING, message, { context: { key }, cause })
  }
}
