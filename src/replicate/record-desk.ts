/**
 * What is told of runs and of people: logs, rejected rows, notices and the audit trail.
 * The replicator is built on it; the server and the page read it.
 * Invariant: a run that ended has one notice.
 * Spec: backlog-replication 2.12, 2.18.
 */
import type { DayRows, LogLine, Notice, RejectedRow, RunInfo } from '../api-v1.ts'
import type { AuditEntry } from '../api-v1-access.ts'
import { ConnectionDesk } from './connection-desk.ts'
import { REJECTED_MAX, type RejectedRecord } from './retry-plan.ts'
import type { LiveRun } from './run-state.ts'
import { fieldError } from './task-target.ts'
import { wallTimeOf } from './zone-time.ts'

const DAY_MS = 86_400_000
const LOG_LINES_MAX = 10_000

export class RecordDesk extends ConnectionDesk {
  log(runId: string): LogLine[] {
    return this.store.logOf(runId, LOG_LINES_MAX).map(row => ({
      time: new Date(Number(row['time_ms'])).toISOString(),
      level: row['level'] as LogLine['level'],
      task: row['task'] as string | null,
      text: String(row['text']),
    }))
  }

  rejected(runId: string): RejectedRow[] {
    return this.store
      .events('rejected', { run: runId, limit: REJECTED_MAX })
      .map(({ timeMs, json }) => {
        const { scope: _where, retriedBy = null, ...row } = JSON.parse(json) as RejectedRecord
        return { ...row, time: new Date(timeMs).toISOString(), retriedBy }
      })
  }

  /** The last days of a zone, the oldest first, also those without runs. */
  rowsPerDay(jobId: string, of: { readonly days: number; readonly timeZone: string }): DayRows[] {
    const dayOf = (ms: number) => new Date(wallTimeOf(ms, of.timeZone)).toISOString().slice(0, 10)
    const nowMs = Date.now()
    try {
      dayOf(nowMs)
    } catch {
      throw fieldError('zone', `zone: expected the name of a zone, found ${of.timeZone}`)
    }
    const today = Date.parse(dayOf(nowMs))
    const days = new Map<string, DayRows>()
    for (let back = of.days - 1; back >= 0; back--) {
      const day = new Date(today - back * DAY_MS).toISOString().slice(0, 10)
      days.set(day, { day, runs: 0, failed: 0, rows: 0 })
    }
    for (const slot of this.store.history.slots(jobId, nowMs - (of.days + 1) * DAY_MS)) {
      const day = dayOf(slot.startedMs)
      const sum = days.get(day)
      if (sum === undefined) continue
      const { runs, failed, rows } = slot
      days.set(day, {
        ...{ day, runs: sum.runs + runs, failed: sum.failed + failed, rows: sum.rows + rows },
      })
    }
    return [...days.values()]
  }

  notices(): Notice[] {
    return this.store
      .events('notice', { limit: 200 })
      .map(({ id, json }) => ({ ...(JSON.parse(json) as Notice), id }))
  }

  readNotices(): void {
    for (const notice of this.notices())
      if (!notice.read) this.store.putEvent(notice.id, { ...notice, read: true })
  }

  audit(user: string, action: string, object: string, detail = ''): void {
    this.store.addEvent('audit', { user, action, object, detail })
  }

  auditTrail(): AuditEntry[] {
    return this.store.events('audit', { limit: 1_000 }).map(({ id, timeMs, json }) => ({
      ...(JSON.parse(json) as Omit<AuditEntry, 'id' | 'time'>),
      id,
      time: new Date(timeMs).toISOString(),
    }))
  }

  protected ended(run: LiveRun, state: RunInfo['state'], error: string | null): RunInfo {
    const info = run.end(state, error)
    const rows = info.rows.inserted + info.rows.updated + info.rows.deleted
    const kind = state === 'SUCCESS' ? 'run' : 'problem'
    const seconds = Math.round(info.elapsedMs / 100) / 10
    const took =
      seconds < 60
        ? `${seconds} s`
        : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
    const text =
      state === 'SUCCESS' || state === 'WARNING'
        ? `${info.jobName}: done in ${took}. ${info.text}`
        : `${info.jobName}: ${state.toLowerCase()} after ${took}. ${error ?? ''}`
    const notice = {
      time: info.finishedAt!,
      kind,
      state,
      text,
      jobId: info.jobId,
      runId: info.id,
      trigger: info.trigger,
      rows,
      elapsedMs: info.elapsedMs,
      read: false,
    } as const
    const { id } = this.store.addEvent('notice', notice)
    this.emit({ event: 'notice', data: { id, ...notice } })
    return info
  }
}
