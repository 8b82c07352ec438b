/**
 * The options of a destination in Cassandra as the command line names them (`--driver-…`), and the
 * connection they mean.
 * Used by Capture to check them and by DestinationWriter to connect.
 * Invariant: an option that is not known is refused; none is accepted without effect, except the two of
 * other data centres, which only widen what is used.
 * Spec: cdc-replication 2.2.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  loadTls,
  TLS_KEYS,
  toCredentials,
} from '../../../cassandra/index.ts'
import { CONSISTENCY, type ConsistencyCode } from '../../../cql/index.ts'
import { parsePoint } from '../capture-config.ts'
import type { DestinationChanges } from '../channel-requests.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { Destination } from '../state/records.ts'

type Check = (value: string) => boolean

const anyText: Check = value => value !== ''
const count: Check = value => /^[1-9]\d{0,8}$/.test(value)
const flag: Check = value => value === 'true' || value === 'false'

/** What each option takes. */
export const DRIVER_OPTIONS: Readonly<Record<string, Check>> = {
  user: anyText,
  pwd: anyText,
  'local-dc': anyText,
  'consistency-level': value => value.toUpperCase() in CONSISTENCY,
  connections: count,
  'connections-max': count,
  'max-requests-per-connection': count,
  'connect-timeout': count,
  'read-timeout': count,
  compression: value => ['none', 'snappy', 'lz4'].includes(value),
  'used-hosts-per-remote-dc': value => /^\d+$/.test(value),
  'allow-remote-dcs-for-local-cl': flag,
  'ssl-enabled': flag,
  'ssl-cipher-suites': anyText,
  'ssl-protocol': anyText,
  'ssl-keystore-path': anyText,
  'ssl-keystore-password': anyText,
  'ssl-keystore-type': anyText,
  'ssl-truststore-path': anyText,
  'ssl-truststore-password': anyText,
  'ssl-truststore-type': anyText,
}

/** Throws at the first that cannot be used. */
function checkDriverOptions(driver: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(driver)) {
    const check = DRIVER_OPTIONS[name]
    if (check === undefined) throw invalid(`driver-${name}: there is no such option`)
    if (typeof value !== 'string' || !check(value)) {
      const shown = /pwd|password/.test(name) ? '' : `, found "${String(value)}"`
      throw invalid(`driver-${name}: the value cannot be used${shown}`)
    }
  }
}

/** Checked as a whole; a driver option that is null goes back to its default. */
export function changedDestination(before: Destination, changes: DestinationChanges): Destination {
  const merged: Record<string, unknown> = { ...before.driver, ...changes.driver }
  const driver = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
  checkDriverOptions(driver)
  for (const address of changes.addresses ?? []) {
    if (/^\S+$/.test(address)) continue
    throw invalid(`addresses: expected host or host:port, found "${address}"`)
  }
  const destination = { ...before, ...changes, driver: driver as Record<string, string> }
  toDestinationConnection(destination)
  return destination
}

export function destinationConsistency({ driver }: Destination): ConsistencyCode {
  const name = (driver['consistency-level'] ?? 'LOCAL_QUORUM').toUpperCase()
  return CONSISTENCY[name as keyof typeof CONSISTENCY]
}

export function toDestinationConnection({
  name,
  addresses,
  driver,
}: Destination): CassandraConnectionSettings {
  const number = (option: string, fallback: number) => Number(driver[option] ?? fallback)
  const username = driver['user'] ?? ''
  const credentials = toCredentials({ provider: '', username, password: driver['pwd'] ?? '' })
  const tls = loadTls(
    {
      provider: driver['ssl-enabled'] === 'true' ? 'JDK' : 'None',
      hostnameValidation: true,
      cipherSuites: (driver['ssl-cipher-suites'] ?? '').split(',').filter(one => one !== ''),
      keystore: storeOf(driver, 'keystore'),
      truststore: storeOf(driver, 'truststore'),
    },
    TLS_KEYS,
  )
  return {
    ...CONNECTION_DEFAULTS,
    contactPoints: addresses.map(one => parsePoint(one, 9042)),
    localDc: driver['local-dc'] ?? '',
    compression: (driver['compression'] ?? 'none') as 'none' | 'snappy' | 'lz4',
    poolLocalSize: number('connections', number('connections-max', 2)),
    maxRequestsPerConnection: number('max-requests-per-connection', 1024),
    connectTimeoutMs: number('connect-timeout', 5000),
    requestTimeoutMs: number('read-timeout', 12_000),
    applicationName: `scamander advrep ${name}`,
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
  }
}

function storeOf(driver: Readonly<Record<string, string>>, kind: 'keystore' | 'truststore') {
  const path = driver[`ssl-${kind}-path`] ?? ''
  return { path, password: driver[`ssl-${kind}-password`] ?? '' }
}

function invalid(message: string): ScamanderError {
  return new ScamanderError(CDC_ERRORS.SETTING, message)
}
