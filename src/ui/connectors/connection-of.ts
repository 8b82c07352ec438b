/**
 * Which of the page's connections leads to the cluster that a connector writes to: the one that names one
 * of its hosts, else the only one. Pure. Used by the links to rows.
 * Spec: ui 5.4.
 */
import type { ConnectionInfo } from '../../api-v1.ts'
import type { Config } from './connector-queries.ts'

const HOSTS = ['contactPoints', 'connect.cassandra.contact.points']

export function connectionOf(
  config: Config,
  connections: readonly ConnectionInfo[],
): ConnectionInfo | undefined {
  const cassandra = connections.filter(one => one.connector === 'cassandra')
  const own = new Set(HOSTS.flatMap(key => hostsOf(config[key] ?? '')))
  const same = cassandra.find(one =>
    hostsOf(String(one.properties['server'] ?? '')).some(host => own.has(host)),
  )
  return same ?? (cassandra.length === 1 ? cassandra[0] : undefined)
}

/** Without ports. */
function hostsOf(text: string): string[] {
  const hosts = text.split(',').map(one => one.trim().replace(/:\d+$/, ''))
  return hosts.filter(one => one !== '')
}
