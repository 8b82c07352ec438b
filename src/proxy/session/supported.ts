/**
 * What SUPPORTED tells clients: what both clusters have in common, then the overriding options.
 * Called for every OPTIONS, which drivers also use as heartbeat: nothing is asked of a cluster.
 * Spec: live-migration 2.3 (rule 5), 1.2.
 */
import { SOURCE, TARGET } from '../cluster.ts'
import { admittedVersions } from '../control/cluster-state.ts'
import type { ProxyContext } from './proxy-context.ts'

/** Undefined while the source has not answered once. */
export function supportedFor(
  context: ProxyContext,
): Readonly<Record<string, readonly string[]>> | undefined {
  const { clusters, settings, routing } = context
  const source = clusters[SOURCE].supported
  const target = clusters[TARGET].supported
  if (source === undefined) return undefined
  const primary = clusters[routing.primary].supported ?? source
  const versions = admittedVersions(clusters, settings.protocolVersions)
  const theirs = target?.['COMPRESSION']?.map(name => name.toLowerCase())
  const isOnTarget = (name: string) => theirs?.includes(name.toLowerCase()) ?? true
  const offered = source['COMPRESSION'] ?? []
  const common = offered.filter(name => /^(lz4|snappy)$/i.test(name)).filter(isOnTarget)
  const compressions = settings.compressions.length > 0 ? settings.compressions : common
  const { cqlVersions } = settings
  return {
    ...source,
    CQL_VERSION: cqlVersions.length > 0 ? cqlVersions : (primary['CQL_VERSION'] ?? []),
    COMPRESSION: settings.isCompressionEnabled ? compressions : [],
    ...(source['PROTOCOL_VERSIONS'] === undefined && target === undefined
      ? {}
      : { PROTOCOL_VERSIONS: versions.map(version => `${version}/v${version}`) }),
  }
}
