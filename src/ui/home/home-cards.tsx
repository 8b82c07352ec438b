/**
 * The lower half of Home: what ran last and what changed, and how the clusters and the worker are.
 * Loaded after the first half. Used by Home.
 * Invariants: runs and changes stand in one order of time; a component that does not answer says why.
 * Spec: ui 5.1.
 */
import { IconPencil, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RunSummary } from '../../api-v1.ts'
import type { ChangeInfo, ComponentInfo, FlowsInfo } from '../../api-v1-home.ts'
import type { WorkerFigures } from '../../api-v1-monitor.ts'
import { toShort } from '../parts/chart-model.ts'
import { toAgo, toCount, toCounted, toDuration, UNKNOWN } from '../parts/format.ts'
import { SERVES_CONNECT, SERVES_DATA } from '../parts/served.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { useClock } from '../parts/use-clock.ts'
import {
  changesQuery,
  componentsQuery,
  flowsQuery,
  lastRunsQuery,
  trendsQuery,
} from './home-queries.ts'

const SHOWN = 8
const MEGABYTE = 1_000_000
const TRENDS_MINUTES = 5

export function HomeCards() {
  return (
    <div className="sc-cards">
      <LastChanges />
      {(SERVES_CONNECT || SERVES_DATA) && <Health />}
    </div>
  )
}

function LastChanges() {
  const { data: runs = [] } = useQuery(lastRunsQuery)
  const { data: changes = [] } = useQuery(changesQuery)
  const nowMs = useClock()
  const all = [
    ...runs.map(run => ({ at: run.startedAt, key: run.id, run, change: undefined })),
    ...changes.map((change, at) => ({
      ...{ at: change.at, change, run: undefined },
      key: `${change.connector} ${change.at} ${at}`,
    })),
  ]
  const shown = all.sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, SHOWN)
  return (
    <section className="sc-card sc-card-body" data-testid="home-changes">
      <h2 className="sc-card-title">Last runs and changes</h2>
      {shown.length === 0 ? (
        <p className="sc-lead">Nothing ran or changed yet.</p>
      ) : (
        <ul className="sc-last">
          {shown.map(({ key, run, change }) =>
            run === undefined ? (
              <Change key={key} change={change} nowMs={nowMs} />
            ) : (
              <LastRun key={key} run={run} nowMs={nowMs} />
            ),
          )}
        </ul>
      )}
    </section>
  )
}

function LastRun({ run, nowMs }: { readonly run: RunSummary; readonly nowMs: number }) {
  const { read } = run.rows
  return (
    <li data-testid="home-run" data-key={run.id}>
      <span className="sc-quiet">{toAgo(run.startedAt, nowMs)}</span>
      <StatusChip state={run.state} isRun testId="home-run-state" />
      <Link className="sc-link" to="/jobs/$id/$tab" params={{ id: run.jobId, tab: 'overview' }}>
        <bdi>{run.jobName}</bdi>
      </Link>
      <span>{toDuration(run.elapsedMs)}</span>
      <span>{toCounted(read, 'row')}</span>
      <Link className="sc-link" to="/jobs/$id/runs/$run" params={{ id: run.jobId, run: run.id }}>
        View run
      </Link>
    </li>
  )
}

function Change({ change, nowMs }: { readonly change: ChangeInfo; readonly nowMs: number }) {
  const { connector, text, by, kind } = change
  const isConfig = text.startsWith('configuration ')
  const Icon = isConfig ? IconPencil : IconRefresh
  return (
    <li data-testid="home-change" data-key={connector} data-kind={kind}>
      <span className="sc-quiet">{toAgo(change.at, nowMs)}</span>
      <Icon size={16} stroke={1.5} aria-hidden />
      <Link
        className="sc-link"
        to="/connectors/$name/$tab"
        params={{ name: connector, tab: 'activity' }}
      >
        <bdi>{connector}</bdi>
      </Link>
      <span className="sc-wrap">
        <bdi>{text}</bdi>
        {by !== '' && `, by ${by}`}
      </span>
      {isConfig && (
        <Link
          className="sc-link"
          to="/connectors/$name/$tab"
          params={{ name: connector, tab: 'config' }}
        >
          Show difference
        </Link>
      )}
    </li>
  )
}

function Health() {
  const { data: components } = useQuery(componentsQuery)
  const { data: flows } = useQuery(flowsQuery)
  const { data: trends } = useQuery(trendsQuery(TRENDS_MINUTES))
  const shown = components ?? (flows === undefined ? [] : [workerOf(flows.worker)])
  return (
    <section className="sc-card sc-card-body" data-testid="home-health">
      <h2 className="sc-card-title">Health</h2>
      {shown.length === 0 && <p className="sc-lead">{UNKNOWN}</p>}
      <ul className="sc-last">
        {shown.map(one => (
          <Component key={`${one.kind} ${one.name}`} one={one} facts={factsOf(one, trends)} />
        ))}
      </ul>
      {flows !== undefined && (
        <p className="sc-quiet">
          Scamander {flows.worker.version}, up for {toDuration(flows.worker.upSeconds * 1_000)}
        </p>
      )}
    </section>
  )
}

const TITLES = { cassandra: 'Cassandra', kafka: 'Kafka', worker: 'Worker' } as const

interface ComponentProps {
  readonly one: ComponentInfo
  readonly facts: readonly string[]
}

function Component({ one, facts }: ComponentProps) {
  const { kind, name, state, version, problem } = one
  const title = kind === 'cassandra' && version !== null ? `Cassandra ${version}` : TITLES[kind]
  return (
    <li data-testid="home-component" data-key={`${kind} ${name}`} data-state={state}>
      <StatusChip state={state} text={title} testId="component-state" />
      {kind !== 'worker' && (
        <span className="sc-quiet">
          <bdi>{name}</bdi>
        </span>
      )}
      {facts.map(fact => (
        <span key={fact}>{fact}</span>
      ))}
      {problem !== null && <span className="sc-problem sc-wrap">{problem}</span>}
    </li>
  )
}

/** Of the worker with what it measures itself: its writes may go to other clusters than those here. */
function factsOf(one: ComponentInfo, trends: WorkerFigures | undefined): readonly string[] {
  if (one.kind !== 'worker') return one.facts
  const told = FIGURES.flatMap(([name, title]) => {
    const value = trends?.series[name].findLast(known => known !== null) ?? null
    return value === null ? [] : [`${title} ${toShort(value, 'ms')}`]
  })
  return [...one.facts, ...told]
}

const FIGURES = [
  ['writeMsP99', 'write p99'],
  ['loopMsP99', 'loop p99'],
] as const

function workerOf(worker: FlowsInfo['worker']): ComponentInfo {
  const facts = [`${toCount(Math.round(worker.bytes / MEGABYTE))} MB`]
  const { version } = worker
  return { kind: 'worker', name: 'Worker', state: 'UP', version, facts, problem: null }
}
