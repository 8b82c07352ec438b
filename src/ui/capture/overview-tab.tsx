/**
 * All of capture at one glance: figures of the last minute, gaps, channels, latency, queues, agents.
 * Tab of Capture.
 * Invariant: a figure that is not known is a dash; a gap is an error, never only a line of a log.
 * Spec: ui 5.5.
 */
import { Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { rateText } from '../home/home-model.ts'
import { toCount, toCounted } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import {
  behindText,
  latencyText,
  RAW_WARNING,
  rawPart,
  toChannelRows,
  toDestinationRows,
} from './capture-model.ts'
import type { CaptureView } from './capture-view.ts'
import { ChannelTable } from './channel-table.tsx'
import { GapBanners } from './gap-banners.tsx'
import { LatencyBars } from './latency-bars.tsx'
import { NoChannel, NoDestination } from './no-destination.tsx'

export function OverviewTab({ view }: { readonly view: CaptureView }) {
  const { overview, readers } = view
  const { channels, destinations, figures, gaps } = overview
  if (destinations.length === 0) return <NoDestination view={view} />
  if (channels.length === 0) return <NoChannel view={view} />
  return (
    <Stack gap="lg">
      <Figures view={view} />
      <GapBanners gaps={gaps} />
      <ChannelTable rows={toChannelRows(overview, readers)} view={view} />
      <div className="sc-cards">
        <LatencyBars buckets={figures.latency} />
        <QueueChart view={view} />
      </div>
      <AgentsLine view={view} />
    </Stack>
  )
}

function Figures({ view }: { readonly view: CaptureView }) {
  const { figures } = view.overview
  const queued = toDestinationRows(view.overview, view.readers).reduce(
    (sum, one) => sum + one.queued,
    0,
  )
  const shown: readonly (readonly [string, string])[] = [
    ['Events', rateText(figures.eventsPerSecond ?? undefined)],
    ['p50', latencyText(figures.p50Seconds)],
    ['p99', latencyText(figures.p99Seconds)],
    ['Queued', toCount(queued)],
    ['Copies dropped', rateText(figures.copiesPerSecond ?? undefined)],
  ]
  return (
    <dl className="sc-figures" data-testid="capture-figures">
      {shown.map(([name, value]) => (
        <div key={name} data-testid="capture-figure" data-key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function QueueChart({ view }: { readonly view: CaptureView }) {
  const { figures, destinations } = view.overview
  return (
    <TimeChart
      name="queue-depth"
      title="Queue depth by destination"
      unit="changes"
      times={figures.history.map(one => Date.parse(one.time) / 1000)}
      series={destinations.map(({ name }) => ({
        name,
        values: figures.history.map(one => one.queued[name] ?? 0),
      }))}
    />
  )
}

function AgentsLine({ view }: { readonly view: CaptureView }) {
  const { agents, error } = view.overview.agents
  return (
    <p className="sc-lead">
      <Link className="sc-link" to="/capture/$tab" params={{ tab: 'agents' }}>
        {toCounted(agents.length, 'agent')}
      </Link>
      {error !== null && <span className="sc-problem"> {error}</span>}
      {agents.map(agent => {
        const part = rawPart(agent)
        const isFull = part !== undefined && part >= RAW_WARNING
        return (
          <span key={agent.hostId}>
            {' · '}
            {agent.address} {behindText(agent, Date.now())}
            {isFull && `, cdc_raw ${Math.round(part * 100)} %`}
          </span>
        )
      })}
    </p>
  )
}
