/**
 * What needs attention of replication: runs that failed, keys that were refused, runs without the usual
 * rows, deletes and changes of the source's schema that wait for a decision.
 * A source of the attention list.
 * Invariants: a job is told by its last run, not by old ones; what somebody acknowledged is told no more.
 * Spec: ui 5.1; backlog-replication 2.14.
 */
import type { ConnectionInfo, JobInfo } from '../../api-v1.ts'
import type { AlertInfo } from '../../api-v1-alerts.ts'
import type { SchemaChange } from '../../api-v1-tasks.ts'
import type { Replicator } from '../../replicate/index.ts'
import type { AttentionFinding, AttentionSource } from './attention-desk.ts'

export function jobAttention(replicator: Replicator): AttentionSource {
  return {
    read: () => {
      const alerts = replicator.alerts.alerts()
      const changes = replicator.schema.pendingByJob()
      return [
        ...replicator.connections().flatMap(keyFinding),
        ...replicator
          .jobs()
          .flatMap(job => [
            ...jobFindings(job, alerts),
            ...schemaFindings(job, changes.get(job.id) ?? []),
          ]),
      ]
    },
    lastProblemAt: () =>
      replicator.notices().find(one => one.state === 'FAILED' || one.kind === 'problem')?.time ??
      null,
  }
}

function keyFinding({ id, name, status, statusText, usedBy }: ConnectionInfo): AttentionFinding[] {
  if (status !== 'AUTH_FAILED' && status !== 'AUTH_EXPIRED') return []
  const what = status === 'AUTH_FAILED' ? 'key refused' : 'sign-in expired'
  const used = usedBy.length === 0 ? '' : ` Used by ${usedBy.join(', ')}.`
  return [
    {
      ...{ key: `connection ${id}`, kind: 'key', role: 'error', section: 'connections' },
      ...{ id, name, what, cause: `${statusText}${used}` },
    },
  ]
}

export function jobFindings(job: JobInfo, alerts: readonly AlertInfo[]): AttentionFinding[] {
  const { id, name, lastRun } = job
  if (lastRun === null) return []
  const of = { section: 'jobs', id, name, since: lastRun.finishedAt ?? lastRun.startedAt } as const
  return [...failureOf(job, of), ...rowsOf(job, alerts), ...deletesOf(job, of)]
}

type Named = Pick<AttentionFinding, 'section' | 'id' | 'name'> & { readonly since: string }

function failureOf({ id, lastRun }: JobInfo, of: Named): AttentionFinding[] {
  const cause = lastRun?.error ?? lastRun?.text ?? null
  const key = `job ${id}`
  if (lastRun?.state === 'FAILED') {
    return [{ ...of, key, kind: 'failed', role: 'error', what: 'its last run failed', cause }]
  }
  if (lastRun?.state !== 'PARTIAL') return []
  const what = 'its last run ended in the middle'
  return [{ ...of, key, kind: 'degraded', role: 'warn', what, cause }]
}

/** Runs that wrote nothing, or far from the usual: as long as that is so and nobody said it is right. */
function rowsOf({ id, name, lastRun }: JobInfo, alerts: readonly AlertInfo[]): AttentionFinding[] {
  const rows = lastRun?.rows
  const isEmpty = rows !== undefined && rows.inserted + rows.updated + rows.deleted === 0
  const found = alerts.find(
    one =>
      one.jobId === id &&
      one.acknowledgedBy === null &&
      ((one.rule === 'no_rows' && isEmpty) ||
        (one.rule === 'unusual_rows' && one.runId === lastRun?.id)),
  )
  if (found === undefined) return []
  const cause = 'A filter that fits no row any more, or a row dated in the future.'
  return [
    {
      ...{ key: `rows ${id}`, kind: 'rows', role: 'warn', section: 'jobs', id, name, cause },
      ...{ what: withoutName(found), since: found.time },
    },
  ]
}

/** Alerts begin with the name of their job, which stands before it here as well. */
function withoutName({ text, jobName }: AlertInfo): string {
  return text.startsWith(jobName) ? text.slice(jobName.length).trim() : text
}

/** Columns and types of the source that somebody has to say yes or no to: one for the job. */
export function schemaFindings(
  { id, name }: Pick<JobInfo, 'id' | 'name'>,
  changes: readonly SchemaChange[],
): AttentionFinding[] {
  const pending = changes.filter(one => one.state === 'pending')
  const [first] = pending.toSorted((a, b) => (a.foundAt < b.foundAt ? -1 : 1))
  if (first === undefined) return []
  const count = pending.length === 1 ? 'a change' : `${pending.length} changes`
  return [
    {
      ...{ key: `schema ${id}`, kind: 'schema', role: 'warn', section: 'jobs', id, name },
      ...{ what: `${count} of the source's schema to approve`, since: first.foundAt },
      cause: first.text,
    },
  ]
}

function deletesOf({ id, tasks }: JobInfo, of: Named): AttentionFinding[] {
  const count = tasks.reduce((sum, one) => sum + (one.lastRun?.parkedDeletes ?? 0), 0)
  if (count === 0) return []
  const tables = tasks.filter(one => (one.lastRun?.parkedDeletes ?? 0) > 0).map(one => one.title)
  const cause = `Many rows are gone from the source of ${tables.join(', ')} at once.`
  const what = `held back ${count} deletes, which wait for a decision`
  return [{ ...of, key: `deletes ${id}`, kind: 'deletes', role: 'warn', what, cause }]
}
