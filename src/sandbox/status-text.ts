/**
 * The lines that `up` and `status` print about a sandbox, for people.
 * Pure: takes the description and a test for living pids.
 * Invariant: tells where the login and the certificates are; the store password stays in sandbox.json.
 */
import { descriptionPath, type SandboxDescription } from './description.ts'

export function renderStatus(
  description: SandboxDescription,
  isAlive: (pid: number) => boolean,
): string[] {
  const { cassandra, kafka } = description
  const state = (pid: number | undefined) =>
    pid !== undefined && isAlive(pid) ? `running, pid ${pid}` : 'stopped'
  const lines: string[] = []
  if (cassandra !== undefined) {
    const points = cassandra.contactPoints.map(address => `${address}:${cassandra.port}`)
    lines.push(
      `Cassandra ${cassandra.version}  ${points.join(', ')}  data centre ${cassandra.localDatacenter}`,
    )
    for (const node of cassandra.nodes) lines.push(`  node ${node.address}  ${state(node.pid)}`)
    if (cassandra.username !== undefined) {
      lines.push(`  login  user ${cassandra.username}, password ${cassandra.password}`)
    }
    if (cassandra.tls !== undefined) {
      const { caPath, clientAuth } = cassandra.tls
      lines.push(`  TLS  authority ${caPath}${clientAuth ? ', client certificate required' : ''}`)
    }
  }
  if (kafka !== undefined) {
    lines.push(`Kafka ${kafka.version}  ${kafka.bootstrapServers}  ${state(kafka.pid)}`)
  }
  lines.push(`Details  ${descriptionPath(description.dir)}`)
  return lines
}
