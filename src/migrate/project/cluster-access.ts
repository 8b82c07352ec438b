/**
 * How the clusters of a migration are reached: by a saved connection of the server, or by addresses
 * with a password from the environment, as for `scamander migrate`.
 * Used by the migration desk. Invariant: a password is read when it is needed and stored nowhere here.
 * Spec: live-migration 5.
 */
import { readFileSync } from 'node:fs'
import { ScamanderError } from '../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  detectLocalDc,
} from '../../cassandra/index.ts'
import { MIGRATE_ERRORS } from '../errors.ts'
import type { ProjectCluster } from './project-store.ts'

export interface ClusterAccess {
  /** Of `SCAMANDER_SOURCE_PASSWORD` and so on. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Opens a saved connection by its id; throws when there is none. @default none are known */
  readonly connectionOf?: (id: string) => CassandraConnectionSettings
  /** Whether a saved connection may not be written through. @default all may */
  readonly isReadOnly?: (id: string) => boolean
}

const TUNING = {
  poolLocalSize: 2,
  reconnectBaseMs: 200,
  reconnectMaxMs: 5_000,
  heartbeatIntervalMs: 10_000,
} as const

export async function clusterSettings(
  { env, connectionOf }: ClusterAccess,
  side: 'source' | 'target',
  cluster: ProjectCluster,
): Promise<CassandraConnectionSettings> {
  const { connection, contactPoints } = cluster
  const points = contactPoints.map(toPoint)
  const settings: CassandraConnectionSettings =
    connection !== undefined && connectionOf !== undefined
      ? { ...connectionOf(connection), ...TUNING, contactPoints: points }
      : addressed(cluster, env[`SCAMANDER_${side.toUpperCase()}_PASSWORD`] ?? '', points)
  if (settings.localDc !== '') return settings
  return { ...settings, localDc: await detectLocalDc(settings) }
}

/** A cluster as a project keeps it, from a saved connection. */
export function clusterOfConnection(
  { connectionOf }: ClusterAccess,
  connection: string,
): ProjectCluster {
  if (connectionOf === undefined) {
    const message = 'saved connections are known to the server only: give contactPoints'
    throw new ScamanderError(MIGRATE_ERRORS.OPTION, message)
  }
  const { contactPoints, localDc, credentials, tls } = connectionOf(connection)
  return {
    connection,
    contactPoints: contactPoints.map(({ host, port }) => `${host}:${port}`),
    ...{ localDc, username: credentials?.username ?? '', tls: tls !== undefined },
    ...{ ca: '', cert: '', key: '' },
  }
}

function addressed(
  { username, localDc, tls, ca, cert, key }: ProjectCluster,
  password: string,
  contactPoints: CassandraConnectionSettings['contactPoints'],
): CassandraConnectionSettings {
  const pem = (path: string) => readFileSync(path, 'utf8')
  return {
    ...{ ...CONNECTION_DEFAULTS, ...TUNING, contactPoints, localDc },
    ...(username === '' ? {} : { credentials: { username, password } }),
    ...(tls && {
      tls: {
        ...(ca === '' ? {} : { ca: [pem(ca)] }),
        ...(cert === '' || key === '' ? {} : { cert: pem(cert), key: pem(key) }),
        hostnameValidation: false,
      },
    }),
  }
}

/** `host:port`, as stored. */
function toPoint(text: string): { host: string; port: number } {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at), port: Number(text.slice(at + 1)) }
}
