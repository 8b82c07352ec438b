/**
 * The figures of Home in one row: records in and out, lag, errors, jobs of the last day, dead letters, each
 * with how it went.
 * Invariant: a figure that is not known is a dash, never 0; what does not run here is not shown.
 * Spec: ui 5.1, 4.8.
 */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { RunSummary } from '../../api-v1.ts'
import type { WorkerFigures } from '../../api-v1-monitor.ts'
import { toCount, toDuration, UNKNOWN } from '../parts/format.ts'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { Sparkline } from '../parts/sparkline.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { isWaiting } from './held.ts'
import { type Flow, rateText, sumOfRates } from './home-model.ts'
import { lastRunsQuery, trendsQuery } from './home-queries.ts'
import { useHomeMinutes } from './view-switch.tsx'

const DAY_MS = 86_400_000

export function HomeFigures({ flows }: { readonly flows: readonly Flow[] }) {
  const { data: trends } = useQuery(trendsQuery(useHomeMinutes()))
  const { data: runs } = useQuery(lastRunsQuery)
  const moving = flows.filter(one => one.kind === 'sink' || one.kind === 'source')
  const written = sumOfRates(moving)
  const isHeld = moving.some(one => isWaiting(one.state, one.held, one.lag))
  const letters = flows.reduce((sum, one) => sum + one.deadLetters, 0)
  return (
    <dl className="sc-figures" data-testid="home-figures">
      <Figure
        name="In"
        value={rateText(sumOfRates(moving, 'inRate'), isHeld)}
        trend={trends?.series.read}
      />
      <Figure name="Out" value={rateText(written, isHeld)} trend={trends?.series.written} />
      <Figure name="Lag" value={lagText(flows, written)} trend={trends?.series.lag} />
      {SERVES_CONNECT && (
        <Figure name="Errors" value={toCount(errorsOf(trends))} trend={trends?.series.failed} />
      )}
      {SERVES_JOBS && <Figure name="Jobs, 24 h" value={<DayRuns runs={runs} />} />}
      <Figure name="Dead letters" value={toCount(letters)} trend={trends?.series.deadLetters} />
    </dl>
  )
}

interface FigureProps {
  readonly name: string
  readonly value: ReactNode
  readonly trend?: readonly (number | null)[] | undefined
}

function Figure({ name, value, trend }: FigureProps) {
  return (
    <div data-testid="home-figure" data-key={name}>
      <dt>{name}</dt>
      <dd>{value}</dd>
      {trend !== undefined && trend.length > 1 && (
        <dd className="sc-figure-trend">
          <Sparkline values={trend} />
        </dd>
      )}
    </div>
  )
}

/** "312 (~0.2 s)": how long it takes at the present pace. */
export function lagText(flows: readonly Flow[], rate: number | undefined): string {
  const lags = flows.flatMap(({ kind, lag }) => (lag === undefined || kind === 'job' ? [] : [lag]))
  if (lags.length === 0) return UNKNOWN
  const lag = lags.reduce((sum, one) => sum + one, 0)
  const time = lag === 0 || rate === undefined || rate === 0 ? undefined : (lag / rate) * 1000
  return time === undefined ? toCount(lag) : `${toCount(lag)} (~${toDuration(time)})`
}

/** Of the range that is shown; points are averages per second, apart by the same time. */
export function errorsOf(trends: WorkerFigures | undefined): number | undefined {
  const { times = [], series } = trends ?? {}
  const known = (series?.failed ?? []).flatMap(one => one ?? [])
  if (known.length === 0) return undefined
  const seconds = times.length < 2 ? 1 : (times.at(-1)! - times[0]!) / (times.length - 1)
  return Math.round(known.reduce((sum, one) => sum + one, 0) * seconds)
}

const COUNTED = [
  ['SUCCESS', 'SUCCESS'],
  ['WARNING', 'WARNING PARTIAL'],
  ['FAILED', 'FAILED'],
] as const

function DayRuns({ runs }: { readonly runs: readonly RunSummary[] | undefined }) {
  if (runs === undefined) return UNKNOWN
  const recent = runs.filter(one => Date.now() - Date.parse(one.startedAt) < DAY_MS)
  return (
    <span className="sc-day-runs">
      {COUNTED.map(([state, states]) => (
        <StatusChip
          key={state}
          state={state}
          text={String(recent.filter(one => states.split(' ').includes(one.state)).length)}
          testId="home-runs"
        />
      ))}
    </span>
  )
}
