/**
 * The list of sections at the left. A number means that something needs attention, never a total.
 * Used by the shell.
 * Spec: ui 2.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { stateOf } from '../capture/capture-model.ts'
import { captureQuery } from '../capture/capture-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { SECTIONS } from './sections.ts'

export function Navigation() {
  const attention = useAttention()
  return (
    <nav className="sc-nav" aria-label="Sections">
      {SECTIONS.map((section, index) => (
        <div key={section.id}>
          {section.group !== '' && section.group !== SECTIONS[index - 1]?.group && (
            <div className="sc-nav-caption">{section.group}</div>
          )}
          <Link
            className="sc-nav-item"
            to={section.to}
            activeOptions={{ exact: section.to === '/' }}
            title={section.title}
            data-testid={`nav-${section.id}`}
          >
            <section.icon size={20} stroke={1.5} aria-hidden />
            <span>{section.title}</span>
            {(attention[section.id] ?? 0) > 0 && (
              <span className="sc-count" data-testid={`nav-${section.id}-count`}>
                <span className="sc-hidden">needing attention: </span>
                {attention[section.id]}
              </span>
            )}
          </Link>
        </div>
      ))}
    </nav>
  )
}

function useAttention(): Readonly<Record<string, number>> {
  const { data } = useQuery(connectorsQuery)
  const rows = data === undefined ? [] : toRows(data)
  const bad = rows.filter(row => row.state === 'FAILED' || row.state === 'DEGRADED')
  const jobs = useQuery(jobsQuery).data ?? []
  const failed = jobs.filter(one => one.lastRun?.state === 'FAILED')
  const capture = useQuery(captureQuery).data
  const gaps = capture?.gaps.filter(one => one.state === 'open') ?? []
  const channels = capture?.channels.filter(one => stateOf(one).state === 'FAILED') ?? []
  const lost = gaps.length + channels.length
  return { connectors: bad.length, jobs: failed.length, capture: lost }
}
