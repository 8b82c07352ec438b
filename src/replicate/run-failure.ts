/**
 * What is said of a run that failed as a whole. Called by the replicator.
 * Invariant: what a server answered, or did not, names the connection that leads to it: a job has several, and
 * none of the keys that the client knows.
 * Spec: backlog-replication 2.12.
 */
import { isScamanderError, messageOf } from '../base/scamander-error.ts'

const OF_A_SERVER = /^SCM_(CASSANDRA|BACKLOG)_/
const KEYS = /^contactPoints, port: /

export function runFailure(error: unknown, connection: string): string {
  const said = messageOf(error)
  if (!isScamanderError(error) || !OF_A_SERVER.test(error.code)) return said
  return `connection ${connection}: ${said.replace(KEYS, '')}`
}
