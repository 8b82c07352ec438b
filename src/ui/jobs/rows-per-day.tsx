/**
 * Rows that a job wrote on each of the last days, as columns. Used by the overview of a job.
 * Invariants: a day without runs has no column, not a low one; every number is there as text.
 * Spec: ui 5.3; backlog-replication 2.3.
 */
import './jobs.css'
import { useQuery } from '@tanstack/react-query'
import type { DayRows, JobInfo } from '../../api-v1.ts'
import { toCounted, UNKNOWN } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { daysQuery } from './job-queries.ts'

const LOWEST = 6

export function RowsPerDay({ job }: { readonly job: JobInfo }) {
  return (
    <Panel query={useQuery(daysQuery(job.id))} what="the days">
      {days =>
        days.every(one => one.runs === 0) ? (
          <span className="sc-quiet">{UNKNOWN}</span>
        ) : (
          <Columns days={days} />
        )
      }
    </Panel>
  )
}

function Columns({ days }: { readonly days: readonly DayRows[] }) {
  const most = Math.max(1, ...days.map(one => one.rows))
  return (
    <ul className="sc-days">
      {days.map(one => {
        const share = Math.max(LOWEST, Math.round((one.rows / most) * 100))
        return (
          <li key={one.day} title={textOf(one)} data-testid="day-bar" data-key={one.day}>
            <span className="sc-hidden">{textOf(one)}</span>
            {one.runs > 0 && (
              <span
                className="sc-bar"
                data-state={one.failed > 0 ? 'FAILED' : 'SUCCESS'}
                style={{ height: `${share}%` }}
              />
            )}
          </li>
        )
      })}
    </ul>
  )
}

function textOf({ day, runs, failed, rows }: DayRows): string {
  const bad = failed === 0 ? '' : `, ${failed} failed`
  return `${day}: ${toCounted(rows, 'row')} in ${toCounted(runs, 'run')}${bad}`
}
