/**
 * The statement that makes a keyspace, and what is wrong with a draft of one. Pure.
 * Used by the dialog Create keyspace.
 * Invariant: names and data centers are quoted, so that nothing of them is read as CQL.
 * Spec: ui 5.2.
 */
export interface KeyspaceDraft {
  readonly name: string
  /** Empty: SimpleStrategy. */
  readonly dataCenter: string
  readonly replicas: string
}

const NAME = /^\w{1,48}$/
const PLAIN = /^[a-z]\w*$/
const UPPER = /[A-Z]/

export function keyspaceProblem({ name, replicas }: KeyspaceDraft): string | undefined {
  if (!NAME.test(name)) return 'Keyspace: expected 1 to 48 letters, digits and underscores.'
  const isCount = /^\d+$/.test(replicas) && Number(replicas) >= 1 && Number(replicas) <= 100
  return isCount ? undefined : 'Replicas: expected a whole number from 1 to 100.'
}

export function keyspaceCql({ name, dataCenter, replicas }: KeyspaceDraft): string {
  const isPlain = PLAIN.test(name) && !UPPER.test(name)
  const center = dataCenter.trim().replaceAll("'", "''")
  const replication =
    center === ''
      ? `'class': 'SimpleStrategy', 'replication_factor': ${replicas}`
      : `'class': 'NetworkTopologyStrategy', '${center}': ${replicas}`
  return `CREATE KEYSPACE IF NOT EXISTS ${isPlain ? name : `"${name}"`} WITH replication = {${replication}}`
}
