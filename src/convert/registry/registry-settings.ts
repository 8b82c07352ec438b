/**
 * From a converter's parsed options to what the registry client needs, and to the rules by which
 * schemas are registered. Used by the three converters with a registry.
 * Spec: connect-rest 12.
 */
import type { Secret } from '../../config/index.ts'
import type { RegistryLogin, RegistrySettings } from '../../flow/index.ts'
import { type SubjectStrategy, toStrategy } from './subject-name.ts'

export interface RegistryOptions {
  readonly urls: readonly string[]
  readonly connectTimeoutMs: number
  readonly readTimeoutMs: number
  readonly cacheEntriesMax: number
  readonly basicSource: 'URL' | 'USER_INFO' | 'SASL_INHERIT'
  readonly basicUserInfo: Secret | undefined
  readonly jaas: Secret | undefined
  readonly bearerSource: 'STATIC_TOKEN' | 'OAUTHBEARER' | undefined
  readonly bearerToken: Secret | undefined
  readonly bearerEndpoint: string | undefined
  readonly bearerClientId: string | undefined
  readonly bearerClientSecret: Secret | undefined
  readonly bearerScope: string | undefined
  readonly bearerCluster: string | undefined
  readonly bearerPool: string | undefined
  readonly trustStore: string | undefined
  readonly trustStorePassword: Secret | undefined
  readonly trustStoreType: string | undefined
  readonly trustCertificates: string | undefined
  readonly keyStore: string | undefined
  readonly keyStorePassword: Secret | undefined
  readonly keyStoreType: string | undefined
  readonly keyChain: string | undefined
  readonly key: Secret | undefined
  readonly keyPassword: Secret | undefined
  readonly identification: string | undefined
  readonly tlsVersions: string | undefined
  readonly cipherSuites: string | undefined
  readonly autoRegister: boolean
  readonly useLatest: boolean
  readonly latestStrict: boolean
  readonly useSchemaId: number
  readonly normalize: boolean
  readonly keyStrategy: string
  readonly valueStrategy: string
}

/** How written values find their schema in the registry. */
export interface WriteRules {
  readonly isKey: boolean
  readonly strategy: SubjectStrategy
  readonly autoRegister: boolean
  readonly useLatest: boolean
  readonly latestStrict: boolean
  readonly useSchemaId: number
  readonly normalize: boolean
}

export function toRegistrySettings(options: RegistryOptions): RegistrySettings {
  const { urls, connectTimeoutMs, readTimeoutMs, cacheEntriesMax } = options
  return {
    // Addresses end with their path: a request's path follows it.
    urls: urls.map(url => url.trim().replace(/\/+$/, '')),
    connectTimeoutMs,
    readTimeoutMs,
    cacheEntriesMax,
    login: toLogin(options),
    tls: toTls(options),
    headers: given({
      'target-sr-cluster': options.bearerCluster,
      'Confluent-Identity-Pool-Id': options.bearerPool,
    }),
  }
}

export function toWriteRules(options: RegistryOptions, isKey: boolean): WriteRules {
  const className = isKey ? options.keyStrategy : options.valueStrategy
  const { autoRegister, useLatest, latestStrict, useSchemaId, normalize } = options
  return {
    isKey,
    strategy: toStrategy(className) ?? 'TopicNameStrategy',
    autoRegister,
    useLatest: useLatest && !autoRegister,
    latestStrict,
    useSchemaId,
    normalize,
  }
}

function toLogin(options: RegistryOptions): RegistryLogin {
  if (options.bearerSource === 'STATIC_TOKEN') {
    return { kind: 'token', token: options.bearerToken?.reveal() ?? '' }
  }
  if (options.bearerSource === 'OAUTHBEARER') {
    return {
      kind: 'oauth',
      endpoint: options.bearerEndpoint ?? '',
      clientId: options.bearerClientId ?? '',
      clientSecret: options.bearerClientSecret?.reveal() ?? '',
      scope: options.bearerScope,
    }
  }
  if (options.basicSource === 'SASL_INHERIT') {
    return { kind: 'sasl', jaas: options.jaas?.reveal() ?? '' }
  }
  if (options.basicSource === 'URL') return { kind: 'url' }
  const [user = '', ...password] = (options.basicUserInfo?.reveal() ?? '').split(':')
  return { kind: 'basic', user, password: password.join(':') }
}

function toTls(options: RegistryOptions): Record<string, string> {
  return given({
    'ssl.truststore.location': options.trustStore,
    'ssl.truststore.password': options.trustStorePassword?.reveal(),
    'ssl.truststore.type': options.trustStoreType,
    'ssl.truststore.certificates': options.trustCertificates,
    'ssl.keystore.location': options.keyStore,
    'ssl.keystore.password': options.keyStorePassword?.reveal(),
    'ssl.keystore.type': options.keyStoreType,
    'ssl.keystore.certificate.chain': options.keyChain,
    'ssl.keystore.key': options.key?.reveal(),
    'ssl.key.password': options.keyPassword?.reveal(),
    'ssl.endpoint.identification.algorithm': options.identification,
    'ssl.enabled.protocols': options.tlsVersions,
    'ssl.cipher.suites': options.cipherSuites,
  })
}

function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return Object.fromEntries(set)
}
