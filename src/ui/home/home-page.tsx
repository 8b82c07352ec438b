/**
 * The first screen: what moves, what needs attention, what ran last, how the server is.
 * Route /ui/.
 * Invariants: a figure that is unknown is a dash; quiet is said, not left blank.
 * Spec: ui 5.1.
 */
import { Stack } from '@mantine/core'
import { IconAlertTriangleFilled, IconXboxXFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RunSummary } from '../../api-v1.ts'
import type { FlowsInfo } from '../../api-v1-home.ts'
import { readersOf } from '../capture/capture-model.ts'
import { captureQuery } from '../capture/capture-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { toAgo, toCount, toDuration } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, PanelError } from '../parts/panel.tsx'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { TourOffer } from '../welcome/tour-offer.tsx'
import { useWelcome } from '../welcome/use-welcome.ts'
import { captureAttention, channelFlows, readerEnds } from './capture-flows.ts'
import { FlowList } from './flow-list.tsx'
import { FlowMap } from './flow-map.tsx'
import {
  type Attention,
  attentionOf,
  connectorFlows,
  type Flow,
  jobFlows,
  rateText,
  sumOfRates,
} from './home-model.ts'
import { flowsQuery, lastRunsQuery, useSamples } from './home-queries.ts'
import { useHomeView, ViewSwitch } from './view-switch.tsx'

const MEGABYTE = 1_000_000

export function HomePage() {
  const connectors = useQuery(connectorsQuery)
  const jobs = useQuery(jobsQuery)
  const samples = useSamples()
  const rows = connectors.data === undefined ? [] : toRows(connectors.data)
  const { data: capture } = useQuery(captureQuery)
  const readers = readersOf(connectors.data ?? {})
  const channels = capture === undefined ? [] : channelFlows(capture, readers)
  const captured = capture === undefined ? undefined : readerEnds(capture, readers)
  const flows = [
    ...connectorFlows(rows, samples, captured),
    ...channels,
    ...jobFlows(jobs.data ?? []),
  ]
  const missed = capture === undefined ? [] : captureAttention(capture, readers)
  const attention = [...missed, ...attentionOf(rows, jobs.data ?? [])]
  const isLoading = (SERVES_CONNECT && connectors.isPending) || (SERVES_JOBS && jobs.isPending)
  const error = connectors.error ?? jobs.error
  const isEmpty = flows.length === 0
  const view = useHomeView()
  useWelcome(isEmpty && !isLoading && error === null)
  return (
    <Page
      id="home"
      title="Home"
      loading={isLoading && error === null}
      actions={!isEmpty && <ViewSwitch />}
    >
      <Stack gap="lg">
        <TourOffer />
        {error !== null && isEmpty && <PanelError error={error} what="the flows" />}
        {!isLoading && error === null && isEmpty ? <Nothing /> : <Figures flows={flows} />}
        {!isEmpty && <NeedsAttention items={attention} />}
        {!isEmpty && (view === 'list' ? <FlowList flows={flows} /> : <FlowMap flows={flows} />)}
        <div className="sc-cards">
          {SERVES_JOBS && <LastRuns />}
          {SERVES_CONNECT && <Health />}
        </div>
      </Stack>
    </Page>
  )
}

/** Nothing is configured: the ways in. */
function Nothing() {
  const mayAdd = useMay('standard')
  const text = mayAdd ? 'Nothing moves yet. What do you want to do?' : 'Nothing moves yet.'
  return (
    <div className="sc-card">
      <Empty text={text}>
        {SERVES_CONNECT && mayAdd && (
          <LinkButton to="/connectors/new" variant="filled" data-testid="home-add-connector">
            Stream topics into tables
          </LinkButton>
        )}
        {SERVES_CONNECT && mayAdd && <LinkButton to="/connectors/paste">Paste a config</LinkButton>}
        {SERVES_JOBS && mayAdd && (
          <LinkButton to="/connections" search={{}} data-testid="home-connections">
            Replicate Backlog
          </LinkButton>
        )}
        {mayAdd && (
          <LinkButton to="/welcome" data-testid="home-welcome">
            First steps
          </LinkButton>
        )}
      </Empty>
    </div>
  )
}

function Figures({ flows }: { readonly flows: readonly Flow[] }) {
  const moved = sumOfRates(flows.filter(one => one.kind === 'sink' || one.kind === 'source'))
  const lags = flows.flatMap(({ lag }) => (lag === undefined ? [] : [lag]))
  const lag = lags.length === 0 ? undefined : lags.reduce((sum, one) => sum + one, 0)
  const letters = flows.reduce((sum, one) => sum + one.deadLetters, 0)
  return (
    <dl className="sc-figures" data-testid="home-figures">
      <Figure name="Records" value={rateText(moved)} />
      <Figure name="Lag" value={toCount(lag)} />
      <Figure name="Flows" value={toCount(flows.length)} />
      <Figure name="Dead letters" value={toCount(letters)} />
    </dl>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function NeedsAttention({ items }: { readonly items: readonly Attention[] }) {
  if (items.length === 0) return <p className="sc-lead">All quiet.</p>
  return (
    <section aria-label="Needs attention">
      <Stack gap="sm">
        {items.map(item => (
          <div
            key={item.key}
            className="sc-banner"
            data-role={item.role}
            data-testid="attention-item"
            data-key={item.target.id}
          >
            {item.role === 'error' ? (
              <IconXboxXFilled size={16} aria-hidden />
            ) : (
              <IconAlertTriangleFilled size={16} aria-hidden />
            )}
            <p className="sc-grow">
              <bdi>{item.text}</bdi>
            </p>
            <AttentionLink item={item} />
          </div>
        ))}
      </Stack>
    </section>
  )
}

function AttentionLink({ item: { target } }: { readonly item: Attention }) {
  if (target.kind === 'capture') {
    return (
      <LinkButton to="/capture/$tab" params={{ tab: target.id }}>
        Open Capture
      </LinkButton>
    )
  }
  return target.kind === 'job' ? (
    <LinkButton to="/jobs/$id/$tab" params={{ id: target.id, tab: 'history' }}>
      Open job
    </LinkButton>
  ) : (
    <LinkButton to="/connectors/$name/$tab" params={{ name: target.id, tab: 'tasks' }}>
      Open connector
    </LinkButton>
  )
}

function LastRuns() {
  const { data = [] } = useQuery(lastRunsQuery)
  return (
    <section className="sc-card sc-card-body">
      <h2 className="sc-card-title">Last runs</h2>
      {data.length === 0 ? (
        <p className="sc-lead">No job ran yet.</p>
      ) : (
        <ul className="sc-last">
          {data.map(run => (
            <LastRun key={run.id} run={run} />
          ))}
        </ul>
      )}
    </section>
  )
}

function LastRun({ run }: { readonly run: RunSummary }) {
  return (
    <li data-testid="home-run" data-key={run.id}>
      <span className="sc-quiet">{toAgo(run.startedAt)}</span>
      <StatusChip state={run.state} isRun testId="home-run-state" />
      <Link className="sc-link" to="/jobs/$id/runs/$run" params={{ id: run.jobId, run: run.id }}>
        <bdi>{run.jobName}</bdi>
      </Link>
      <span>{toDuration(run.elapsedMs)}</span>
    </li>
  )
}

function Health() {
  const { data } = useQuery(flowsQuery)
  return (
    <section className="sc-card sc-card-body" data-testid="home-health">
      <h2 className="sc-card-title">Health</h2>
      {data === undefined ? <p className="sc-lead">–</p> : <Facts worker={data.worker} />}
    </section>
  )
}

function Facts({ worker }: { readonly worker: FlowsInfo['worker'] }) {
  const facts = [
    ['Scamander', worker.version],
    ['Kafka cluster', worker.kafkaClusterId],
    ['Memory', `${toCount(Math.round(worker.bytes / MEGABYTE))} MB`],
    ['Up for', toDuration(worker.upSeconds * 1_000)],
  ] as const
  return (
    <dl className="sc-facts">
      {facts.map(([name, value]) => (
        <div key={name} className="sc-fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
