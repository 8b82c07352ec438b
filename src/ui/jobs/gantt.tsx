/**
 * Bars over time as a table: one row per task or job, each bar where it began and as long as it took. Used
 * by the page of a run and by all runs of a day.
 * Invariant: what a bar shows is also there as text; a bar is never too thin to be seen.
 * Spec: ui 5.3, 5.7; backlog-replication 2.13.
 */
import './jobs.css'
import type { ReactNode } from 'react'

export interface GanttBar {
  readonly key: string
  readonly fromMs: number
  readonly toMs: number
  readonly state: string
  /** "Success, 02:00:00 to 02:01:12, 4,821 rows". */
  readonly text: string
}

export interface GanttRow {
  readonly key: string
  readonly name: ReactNode
  /** What stands behind the name for those who see no bars, and in the last column for all. */
  readonly note: string
  readonly bars: readonly GanttBar[]
}

interface GanttProps {
  readonly label: string
  /** The head of the names. */
  readonly noun: string
  readonly fromMs: number
  readonly toMs: number
  /** Below the bars, at equal distances from the first moment to the last. */
  readonly ticks: readonly string[]
  readonly rows: readonly GanttRow[]
  readonly testId: string
}

const WIDTH_MIN = 0.4

export function Gantt({ label, noun, fromMs, toMs, ticks, rows, testId }: GanttProps) {
  const lengthMs = Math.max(1, toMs - fromMs)
  const share = (ms: number) => (Math.min(lengthMs, Math.max(0, ms)) / lengthMs) * 100
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid sc-gantt" data-testid={testId} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{noun}</th>
            <th scope="col" className="sc-gantt-time">
              <span className="sc-hidden">When</span>
              <span className="sc-gantt-ticks" aria-hidden>
                {ticks.map(one => (
                  <span key={one}>{one}</span>
                ))}
              </span>
            </th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.key} data-testid={`${testId}-row`} data-key={row.key}>
              <th scope="row">{row.name}</th>
              <td className="sc-gantt-time">
                <ul className="sc-gantt-track">
                  {row.bars.map(one => (
                    <li
                      key={one.key}
                      style={{
                        left: `${Math.min(100 - WIDTH_MIN, share(one.fromMs - fromMs))}%`,
                        width: `${Math.max(WIDTH_MIN, share(one.toMs - fromMs) - share(one.fromMs - fromMs))}%`,
                      }}
                    >
                      <span
                        className="sc-gantt-bar"
                        data-state={one.state}
                        data-key={one.key}
                        title={one.text}
                        data-testid={`${testId}-bar`}
                      >
                        <span className="sc-hidden">{one.text}</span>
                      </span>
                    </li>
                  ))}
                </ul>
              </td>
              <td className="sc-number">{row.note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
