/**
 * Rules between several settings of the DataStax dialect, outside `topic.*` (see topic-checks.ts).
 * Run by `evaluateConfig` after single values were parsed; each reports at the key to change.
 * Spec: cassandra-sink 1.1, 3.1-3.3, 12.
 */
import type { CheckContext, Settings } from '../../../config/index.ts'
import { isDeviation, RESTORABLE } from './compat.ts'
import { type connectionFields, DRIVER } from './connection-fields.ts'
import type { driverFields } from './driver-fields.ts'
import type { securityFields } from './security-fields.ts'
import type { SslSettings } from './settings.ts'

export type GlobalSettings = Settings<
  typeof connectionFields & typeof securityFields & typeof driverFields
>

const CLASS = 'com.datastax.oss.kafka.sink.CassandraSinkConnector'
const OLD_CLASSES = new Set([
  'com.datastax.kafkaconnector.DseSinkConnector',
  'com.datastax.kafkaconnector.CassandraSinkConnector',
])

export function checkClassName(_settings: unknown, context: CheckContext): void {
  const name = context.source.entries.get('connector.class')?.value.trim() ?? ''
  if (!OLD_CLASSES.has(name)) return
  context.report({
    key: 'connector.class',
    kind: 'deprecated',
    severity: 'warning',
    message: `deprecated class name ${name}`,
    advice: `Use ${CLASS}.`,
  })
}

export function checkContact(settings: GlobalSettings, context: CheckContext): void {
  if (isCloud(settings)) return
  const { contactPoints, driverContactPoints, localDc } = settings
  const keys = ['contactPoints', `${DRIVER}basic.contact-points`]
  const given =
    contactPoints.length > 0 ||
    driverContactPoints.length > 0 ||
    keys.some(key => context.hasFailed(key))
  if (given && localDc === '' && !context.hasFailed('loadBalancing.localDc')) {
    const location = keys.map(key => context.entryOf(key)?.location).find(one => one !== undefined)
    context.report({
      key: 'loadBalancing.localDc',
      kind: 'missing',
      message: 'loadBalancing.localDc is required when contactPoints are given',
      expected: 'the name of the local data centre, case-sensitive',
      advice: 'Set it to the data centre that "nodetool status" shows, e.g. datacenter1.',
      ...(location === undefined ? {} : { location }),
    })
  }
}

/** The provider that counts: user name or password alone mean PLAIN. */
export function effectiveAuth(
  settings: GlobalSettings,
  isGiven: boolean,
): 'None' | 'PLAIN' | 'GSSAPI' {
  const { authProvider, authProviderClass = '' } = settings
  if (authProvider !== 'None') return authProvider
  if (/GssApiAuthProvider/.test(authProviderClass)) return 'GSSAPI'
  return isGiven || /PlainTextAuthProvider$/.test(authProviderClass) ? 'PLAIN' : 'None'
}

export function checkAuth(settings: GlobalSettings, context: CheckContext): void {
  const { username, password, gssapiService, authProviderClass } = settings
  const isGiven = username !== '' || !password.isEmpty
  const provider = effectiveAuth(settings, isGiven)
  if (provider === 'PLAIN' && username === '' && !password.isEmpty) {
    context.report({
      key: 'auth.username',
      kind: 'missing',
      message: 'auth.password is given without auth.username',
      advice: 'Set auth.username.',
    })
  }
  if (provider === 'GSSAPI' && gssapiService === '') {
    context.report({
      key: 'auth.gssapi.service',
      kind: 'invalid',
      message: 'auth.gssapi.service must not be empty when auth.provider is GSSAPI',
    })
  }
  if (authProviderClass !== undefined && provider === 'None') {
    const key = `${DRIVER}advanced.auth-provider.class`
    const message = `"${key}" has no effect: only PlainTextAuthProvider and DseGssApiAuthProvider are known`
    context.report({ key, kind: 'no-effect', severity: 'warning', message })
  }
}

/** TLS is also switched on by the driver's own engine factory. */
export function effectiveSsl(settings: GlobalSettings): SslSettings['provider'] | 'None' {
  if (settings.sslProvider !== 'None') return settings.sslProvider
  return /SslEngineFactory$/.test(settings.sslEngineClass ?? '') ? 'JDK' : 'None'
}

export function checkSsl(settings: GlobalSettings, context: CheckContext): void {
  if (isCloud(settings)) return
  const provider = effectiveSsl(settings)
  const hasChain = !settings.keyCertChain.isEmpty
  if (provider === 'OpenSSL' && hasChain === settings.privateKey.isEmpty) {
    const [given, missing] = hasChain
      ? ['ssl.openssl.keyCertChain', 'ssl.openssl.privateKey']
      : ['ssl.openssl.privateKey', 'ssl.openssl.keyCertChain']
    context.report({
      key: missing,
      kind: 'missing',
      message: `${given} is given without ${missing}; both or neither are needed`,
      advice: `Set ${missing} or remove ${given}.`,
    })
  }
  if (provider !== 'None' || context.hasFailed('ssl.provider')) return
  for (const key of sslKeys(context).filter(key => key !== 'ssl.provider')) {
    context.report({
      key,
      kind: 'no-effect',
      severity: 'warning',
      message: `"${key}" has no effect: ssl.provider is None`,
      advice: 'Set ssl.provider to JDK or OpenSSL to switch TLS on.',
    })
  }
}

export function isCloud(settings: GlobalSettings): boolean {
  return !settings.bundle.isEmpty
}

export function checkCloud(settings: GlobalSettings, context: CheckContext): void {
  if (!isCloud(settings)) return
  const contact = [
    'contactPoints',
    `${DRIVER}basic.contact-points`,
    'loadBalancing.localDc',
    `${DRIVER}basic.load-balancing-policy.local-datacenter`,
  ]
  const given = contact.filter(key => isGivenKey(context, key))
  for (const key of [...given, ...sslKeys(context)]) {
    context.report({
      key,
      kind: 'conflict',
      message: `${key} must not be given together with cloud.secureConnectBundle`,
      advice: `Remove ${key}: the bundle holds it.`,
    })
  }
}

export function checkReconnect(settings: GlobalSettings, context: CheckContext): void {
  if (settings.reconnectMaxMs >= settings.reconnectBaseMs) return
  const key = `${DRIVER}advanced.reconnection-policy.max-delay`
  const message = `${key} must not be less than the base-delay of the reconnection policy`
  context.report({ key, kind: 'conflict', message })
}

export function checkCompat(settings: GlobalSettings, context: CheckContext): void {
  for (const { key, parts, value } of settings.compat) {
    const name = parts['deviation'] ?? ''
    if (!isDeviation(name)) {
      const expected = 'a deviation from D1 to D24'
      const message = `Unknown deviation in "${key}"; expected ${expected}`
      context.report({ key, kind: 'invalid', message, expected })
    } else if (value === 'reference' && !RESTORABLE.has(name)) {
      const message = `"${key}" has no effect: the reference behaviour of ${name} is not available`
      context.report({ key, kind: 'no-effect', severity: 'warning', message })
    }
  }
}

function sslKeys(context: CheckContext): string[] {
  return [...context.source.entries.keys()].filter(
    key => key.startsWith('ssl.') && isGivenKey(context, key),
  )
}

function isGivenKey(context: CheckContext, key: string): boolean {
  const entry = context.source.entries.get(key)
  return entry !== undefined && entry.value.trim() !== ''
}
