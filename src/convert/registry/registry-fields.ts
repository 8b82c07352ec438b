/**
 * The options that all converters with a schema registry share, declared once: addresses, login,
 * TLS, registration, subjects, cache. Spec: connect-rest 12.
 * Used in the declarations of the Avro, Protobuf and JSON Schema converters.
 * Invariant: spelled as Confluent's; what has no effect here says why.
 */
import {
  booleanField,
  type CheckContext,
  checked,
  classField,
  enumField,
  intField,
  listField,
  passwordField,
  range,
  stringField,
} from '../../config/index.ts'
import { DEFAULT_STRATEGY, STRATEGY_CLASSES, subjectStrategy } from './subject-name.ts'

const ADDRESS = { group: 'Schema registry' }
const LOGIN = { group: 'Schema registry: login' }
const TLS = { group: 'Schema registry: TLS' }
const SCHEMAS = { group: 'Schemas' }

const isAddress = (text: string) => {
  const protocol = URL.parse(text)?.protocol
  return protocol === 'http:' || protocol === 'https:'
}

const addressFields = {
  urls: listField('schema.registry.url', {
    ...ADDRESS,
    doc: 'Addresses of the schema registry, with http or https; the next is asked when one does not answer.',
    importance: 'high',
    examples: ['http://127.0.0.1:8081'],
    validator: checked('one or more http or https addresses', list => {
      if (list.length === 0) return ['At least one address is needed']
      return list.every(isAddress) ? [] : ['Each address must begin with http:// or https://']
    }),
    required: true,
  }),
  connectTimeoutMs: intField('http.connect.timeout.ms', {
    ...ADDRESS,
    doc: 'Longest wait for a connection to the registry.',
    importance: 'low',
    unit: 'milliseconds',
    default: 10_000,
    validator: range({ min: 1 }),
  }),
  readTimeoutMs: intField('http.read.timeout.ms', {
    ...ADDRESS,
    doc: 'Longest time of one request.',
    importance: 'low',
    unit: 'milliseconds',
    default: 20_000,
    validator: range({ min: 1 }),
  }),
  retriesMax: intField('max.retries', {
    ...ADDRESS,
    doc: 'How often a request is repeated.',
    importance: 'low',
    noEffect: 'records wait and the task asks again until the registry answers',
    default: 3,
  }),
  cacheEntriesMax: intField('schemas.cache.config', {
    ...SCHEMAS,
    doc: 'How many schemas are kept ready for use, for each converter.',
    importance: 'low',
    aliases: ['schemas.cache.size'],
    default: 1000,
    validator: range({ min: 1 }),
  }),
}

const loginFields = {
  basicSource: enumField('basic.auth.credentials.source', ['URL', 'USER_INFO', 'SASL_INHERIT'], {
    ...LOGIN,
    doc: 'Where user and password come from: the address itself, basic.auth.user.info, or sasl.jaas.config.',
    default: 'URL',
  }),
  basicUserInfo: passwordField('basic.auth.user.info', {
    ...LOGIN,
    doc: 'User and password as user:password.',
    aliases: ['schema.registry.basic.auth.user.info'],
  }),
  jaas: passwordField('sasl.jaas.config', {
    ...LOGIN,
    doc: 'A line with username and password, for SASL_INHERIT.',
    importance: 'low',
  }),
  bearerSource: enumField('bearer.auth.credentials.source', ['STATIC_TOKEN', 'OAUTHBEARER'], {
    ...LOGIN,
    doc: 'Use a bearer token: the fixed bearer.auth.token, or tokens from an OAuth endpoint.',
    importance: 'low',
  }),
  bearerToken: passwordField('bearer.auth.token', {
    ...LOGIN,
    doc: 'The token of STATIC_TOKEN.',
    importance: 'low',
  }),
  bearerEndpoint: stringField('bearer.auth.issuer.endpoint.url', {
    ...LOGIN,
    doc: 'Address that gives tokens by client credentials, for OAUTHBEARER.',
    importance: 'low',
  }),
  bearerClientId: stringField('bearer.auth.client.id', {
    ...LOGIN,
    doc: 'Client id for the OAuth endpoint.',
    importance: 'low',
  }),
  bearerClientSecret: passwordField('bearer.auth.client.secret', {
    ...LOGIN,
    doc: 'Client secret for the OAuth endpoint.',
    importance: 'low',
  }),
  bearerScope: stringField('bearer.auth.scope', {
    ...LOGIN,
    doc: 'Scope asked for at the OAuth endpoint.',
    importance: 'low',
  }),
  bearerCluster: stringField('bearer.auth.logical.cluster', {
    ...LOGIN,
    doc: 'Sent as the header target-sr-cluster with each request.',
    importance: 'low',
  }),
  bearerPool: stringField('bearer.auth.identity.pool.id', {
    ...LOGIN,
    doc: 'Sent as the header Confluent-Identity-Pool-Id with each request.',
    importance: 'low',
  }),
}

const text = (name: string, doc: string) =>
  stringField(`schema.registry.${name}`, { ...TLS, doc, importance: 'low' })
const secret = (name: string, doc: string) =>
  passwordField(`schema.registry.${name}`, { ...TLS, doc, importance: 'low' })

const tlsFields = {
  trustStore: text('ssl.truststore.location', 'File with the certificates to trust.'),
  trustStorePassword: secret('ssl.truststore.password', 'Password of that file.'),
  trustStoreType: text('ssl.truststore.type', 'PEM, PKCS12 or JKS; by default told from the name.'),
  trustCertificates: text('ssl.truststore.certificates', 'Certificates to trust, PEM text.'),
  keyStore: text(
    'ssl.keystore.location',
    'File with the private key and certificate of the worker.',
  ),
  keyStorePassword: secret('ssl.keystore.password', 'Password of that file.'),
  keyStoreType: text('ssl.keystore.type', 'PEM, PKCS12 or JKS; by default told from the name.'),
  keyChain: text('ssl.keystore.certificate.chain', 'Certificate and its issuers, PEM text.'),
  key: secret('ssl.keystore.key', 'Private key, PEM text.'),
  keyPassword: secret('ssl.key.password', 'Password of the private key.'),
  identification: text(
    'ssl.endpoint.identification.algorithm',
    'https (default): the host name must match the certificate; empty: it need not.',
  ),
  tlsVersions: text('ssl.enabled.protocols', 'TLS versions, separated by commas.'),
  cipherSuites: text('ssl.cipher.suites', 'Cipher suites, OpenSSL or IANA names.'),
}

const strategyField = (role: 'key' | 'value') =>
  classField(`${role}.subject.name.strategy`, {
    ...SCHEMAS,
    doc: `How the subject of ${role} schemas is named: by topic, by record, or by both.`,
    recommended: STRATEGY_CLASSES,
    validator: subjectStrategy,
    default: DEFAULT_STRATEGY,
  })

const schemaFields = {
  autoRegister: booleanField('auto.register.schemas', {
    ...SCHEMAS,
    doc: 'Register the schema of a value before it is written. false: it must be there.',
    default: true,
  }),
  useLatest: booleanField('use.latest.version', {
    ...SCHEMAS,
    doc: 'Write by the latest version of the subject instead of the schema of the value; needs auto.register.schemas=false.',
    importance: 'low',
    default: false,
  }),
  latestStrict: booleanField('latest.compatibility.strict', {
    ...SCHEMAS,
    doc: 'With use.latest.version: the value schema must be compatible with the latest version and no field may be left out.',
    importance: 'low',
    default: true,
  }),
  useSchemaId: intField('use.schema.id', {
    ...SCHEMAS,
    doc: 'Write by the schema of this id; -1: not.',
    importance: 'low',
    default: -1,
  }),
  normalize: booleanField('normalize.schemas', {
    ...SCHEMAS,
    doc: 'Let the registry bring schemas into their normal form before it compares them.',
    importance: 'low',
    default: false,
  }),
  keyStrategy: strategyField('key'),
  valueStrategy: strategyField('value'),
  schemasPerSubject: intField('max.schemas.per.subject', {
    ...SCHEMAS,
    doc: 'How many schemas of one subject are kept.',
    importance: 'low',
    noEffect: 'schemas.cache.config limits what is kept',
    default: 1000,
  }),
}

/** To be spread into a converter's declaration. */
export const registryFields = { ...addressFields, ...loginFields, ...tlsFields, ...schemaFields }

interface LoginSettings {
  readonly basicSource: string
  readonly bearerSource: string | undefined
  readonly autoRegister: boolean
  readonly useLatest: boolean
}

/** For `crossChecks` of a converter's declaration. */
export function checkRegistry(settings: LoginSettings, context: CheckContext): void {
  const basic = 'basic.auth.credentials.source'
  const bearer = 'bearer.auth.credentials.source'
  const needs = (key: string, value: string, others: readonly string[]) => {
    const set = key === basic ? settings.basicSource : settings.bearerSource
    for (const other of others) {
      if (set !== value || context.isSet(other)) continue
      const message = `"${key}" is ${value}, which needs "${other}"`
      context.report({ key, kind: 'missing', message, advice: `Set ${other}.` })
    }
  }
  needs(basic, 'USER_INFO', ['basic.auth.user.info'])
  needs(basic, 'SASL_INHERIT', ['sasl.jaas.config'])
  needs(bearer, 'STATIC_TOKEN', ['bearer.auth.token'])
  needs(bearer, 'OAUTHBEARER', [
    'bearer.auth.issuer.endpoint.url',
    'bearer.auth.client.id',
    'bearer.auth.client.secret',
  ])
  if (settings.useLatest && settings.autoRegister) {
    context.report({
      key: 'use.latest.version',
      kind: 'no-effect',
      severity: 'warning',
      message: '"use.latest.version" has no effect: auto.register.schemas is true and wins',
      advice: 'Set auto.register.schemas to false.',
    })
  }
}
