/**
 * The worker over time: records, lag, latency, errors, memory, how busy it is; one crosshair for all.
 * Invariant: what is shown is what the server kept; the last minutes grow by themselves.
 * Spec: ui 3 (Charts), 5.7.
 */
import { SegmentedControl, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { WorkerFigure, WorkerFigures, WorkerPoint } from '../../api-v1-monitor.ts'
import { useIsRefused, useLiveTopic } from '../live/use-live.ts'
import { Panel } from '../parts/panel.tsx'
import { SERVES_CONNECT } from '../parts/served.ts'
import { type ChartSeries, TimeChart } from '../parts/time-chart.tsx'
import { figuresQuery } from './monitoring-queries.ts'

const RANGES = [
  ['5', '5 min'],
  ['15', '15 min'],
  ['60', '1 h'],
  ['360', '6 h'],
  ['1440', '24 h'],
] as const
const LIVE_MINUTES = 15

interface Chart {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly lines: readonly (readonly [WorkerFigure, string, ChartSeries['colour']])[]
  /** Of connectors; else of the process. */
  readonly isOfFlows: boolean
}

const CHARTS: readonly Chart[] = [
  {
    ...{ name: 'records', title: 'Records', unit: '/s', isOfFlows: true },
    lines: [
      ['read', 'read', 1],
      ['written', 'written', 2],
    ],
  },
  {
    ...{ name: 'lag', title: 'Lag', unit: 'records', isOfFlows: true },
    lines: [['lag', 'lag', 1]],
  },
  {
    ...{ name: 'latency', title: 'Write latency', unit: 'ms', isOfFlows: true },
    lines: [
      ['writeMsP50', 'p50', 1],
      ['writeMsP99', 'p99', 4],
    ],
  },
  {
    ...{ name: 'errors', title: 'Errors', unit: '/s', isOfFlows: true },
    lines: [
      ['failed', 'failed', 'error'],
      ['deadLetters', 'dead letters', 4],
    ],
  },
  {
    ...{ name: 'memory', title: 'Memory', unit: 'MB', isOfFlows: false },
    lines: [['memory', 'resident', 1]],
  },
  {
    ...{ name: 'loop', title: 'Event-loop delay', unit: 'ms', isOfFlows: false },
    lines: [['loopMsP99', 'p99', 4]],
  },
  {
    ...{ name: 'cpu', title: 'Processor', unit: '% of a core', isOfFlows: false },
    lines: [['cpu', 'used', 1]],
  },
]

export function OverviewTab() {
  const { range = '15' } = useSearch({ strict: false }) as { range?: string }
  const navigate = useNavigate()
  const minutes = RANGES.some(([key]) => key === range) ? Number(range) : LIVE_MINUTES
  const query = useQuery(figuresQuery(minutes, !useIsRefused('figures')))
  const more = useMorePoints(minutes, query.dataUpdatedAt)
  return (
    <Stack gap="lg">
      <div className="sc-toolbar">
        <SegmentedControl
          aria-label="Range of time"
          value={String(minutes)}
          onChange={next =>
            void navigate({
              to: '/monitoring/$tab',
              params: { tab: 'overview' },
              search: { range: next },
              replace: true,
            })
          }
          data={RANGES.map(([value, label]) => ({
            value,
            label: (
              <span data-testid="option" data-value={value}>
                {label}
              </span>
            ),
          }))}
          data-testid="field-range"
        />
        <a className="sc-link" href="/metrics" hidden={!SERVES_CONNECT}>
          Metrics for Prometheus
        </a>
      </div>
      <Panel query={query} what="the figures">
        {known => <Charts figures={joined(known, more, minutes)} />}
      </Panel>
    </Stack>
  )
}

function Charts({ figures }: { readonly figures: WorkerFigures }) {
  const shown = CHARTS.filter(one => SERVES_CONNECT || !one.isOfFlows)
  return (
    <div className="sc-cards">
      {shown.map(({ name, title, unit, lines }) => (
        <TimeChart
          key={name}
          {...{ name, title, unit }}
          times={figures.times}
          series={lines.map(([figure, text, colour]) => ({
            ...{ name: text, values: figures.series[figure] },
            ...(colour === undefined ? {} : { colour }),
          }))}
        />
      ))}
    </div>
  )
}

/** Points that came since the figures were read. */
function useMorePoints(minutes: number, readAt: number): readonly WorkerPoint[] {
  const [points, setPoints] = useState<readonly WorkerPoint[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new reading holds what came before it
  useEffect(() => setPoints([]), [minutes, readAt])
  useLiveTopic(minutes > LIVE_MINUTES ? undefined : 'figures', message => {
    if (message.event !== 'items') return
    const items = message.data.items as readonly WorkerPoint[]
    setPoints(known => [...known, ...items].slice(-LIVE_MINUTES * 60))
  })
  return points
}

function joined(
  known: WorkerFigures,
  more: readonly WorkerPoint[],
  minutes: number,
): WorkerFigures {
  const last = known.times.at(-1) ?? 0
  const newer = more.filter(one => one.at > last)
  const times = [...known.times, ...newer.map(one => one.at)]
  const from = (times.at(-1) ?? 0) - minutes * 60
  const first = Math.max(
    0,
    times.findIndex(at => at >= from),
  )
  const series = Object.entries(known.series).map(([figure, values]) => {
    const added = newer.map(one => one.values[figure as WorkerFigure])
    return [figure, [...values, ...added].slice(first)]
  })
  return {
    times: times.slice(first),
    series: Object.fromEntries(series) as WorkerFigures['series'],
  }
}
