/**
 * One flow: how it goes, what it moves, its last error; pause it, or open it. Loaded when it is opened.
 * Used by Home; the flow is in the address.
 * Invariant: a flow that is gone closes the drawer by itself.
 * Spec: ui 5.1 (drawer), 4.11.
 */
import { Button, Drawer, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { captureQuery, useChannelAct } from '../capture/capture-queries.ts'
import { connectorsQuery, useAct } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { figuresQuery } from '../connectors/inside-queries.ts'
import { jobsQuery, patchJob, runsQuery, useJobChange } from '../jobs/job-queries.ts'
import { toCount, toSentence, UNKNOWN } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { type Flow, type FlowEnd, flowRateText, rateText } from './home-model.ts'
import { attentionQuery } from './home-queries.ts'

interface FlowDrawerProps {
  readonly flow: Flow
  readonly onClose: () => void
}

export function FlowDrawer({ flow, onClose }: FlowDrawerProps) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={<bdi>{flow.name}</bdi>}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="flow-drawer"
      data-key={flow.name}
    >
      <Stack gap="lg">
        <Group gap="sm">
          <StatusChip
            state={flow.state}
            held={flow.held}
            isRun={flow.kind === 'job'}
            testId="drawer-state"
          />
          <span className="sc-quiet">{flow.text}</span>
        </Group>
        <Trend flow={flow} />
        <Facts flow={flow} />
        <LastError flow={flow} />
        <Group gap="sm">
          <May least="job_operator">
            <Switch flow={flow} />
          </May>
          <Open flow={flow} />
        </Group>
      </Stack>
    </Drawer>
  )
}

function Facts({ flow }: { readonly flow: Flow }) {
  const facts = [
    ['From', endsText(flow.from)],
    ['To', endsText(flow.to)],
    ['Reads', rateText(flow.inRate)],
    ['Writes', flowRateText(flow)],
    ['Lag', toCount(flow.lag)],
    ['Dead letters', toCount(flow.deadLetters)],
  ] as const
  return (
    <dl className="sc-facts">
      {facts.map(([name, value]) => (
        <div key={name} className="sc-fact">
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function endsText(ends: readonly FlowEnd[]): string {
  const known = ends.filter(one => one.kind !== 'unknown')
  return known.length === 0 ? UNKNOWN : known.map(one => `${one.kind} ${one.name}`).join(', ')
}

/** How it went: records of a connector, rows of runs, what waited for a channel. */
function Trend({ flow }: { readonly flow: Flow }) {
  if (flow.kind === 'job') return <JobTrend id={idOf(flow)} />
  return flow.kind === 'channel' ? (
    <ChannelTrend flow={flow} />
  ) : (
    <ConnectorTrend name={flow.name} />
  )
}

function ConnectorTrend({ name }: { readonly name: string }) {
  const { data } = useQuery(figuresQuery(name))
  return <Line title="Records written per second" values={data?.series.written} />
}

function JobTrend({ id }: { readonly id: string }) {
  const { data } = useQuery(runsQuery(id))
  const rows = data?.toReversed().map(({ rows: one }) => one.inserted + one.updated + one.deleted)
  return <Line title="Rows written by the last runs" values={rows} />
}

function ChannelTrend({ flow }: { readonly flow: Flow }) {
  const { data } = useQuery(captureQuery)
  const destination = data?.channels.find(one => isOf(flow, one))?.destination ?? ''
  const values = data?.figures.history.map(one => one.queued[destination] ?? 0)
  return <Line title={`Changes that waited for ${destination}`} values={values} />
}

interface LineProps {
  readonly title: string
  readonly values: readonly (number | null)[] | undefined
}

function Line({ title, values }: LineProps) {
  const known = (values ?? []).flatMap(one => one ?? [])
  return (
    <figure className="sc-trend" data-testid="flow-trend">
      <figcaption className="sc-quiet">
        {title}
        {known.length > 0 && `, at most ${toCount(Math.round(Math.max(...known)))}`}
      </figcaption>
      {known.length < 2 ? (
        <span className="sc-quiet">Not known for long enough.</span>
      ) : (
        <Sparkline values={values ?? []} className="sc-spark sc-spark-wide" />
      )}
    </figure>
  )
}

const SECTIONS = {
  ...{ sink: 'connectors', source: 'connectors', job: 'jobs', channel: 'capture' },
} as const

function LastError({ flow }: { readonly flow: Flow }) {
  const connectors = useQuery(connectorsQuery).data
  const attention = useQuery(attentionQuery).data?.items ?? []
  // A job and a connector may have one name.
  const section = SECTIONS[flow.kind]
  const id = flow.kind === 'job' ? idOf(flow) : flow.name
  const told = attention.find(
    one => one.section === section && (one.id === id || one.name === flow.name),
  )
  const rows = section === 'connectors' ? toRows(connectors ?? {}) : []
  const cause = told?.cause ?? rows.find(one => one.name === flow.name)?.cause ?? undefined
  return (
    <div data-testid="flow-error">
      <strong>Last error</strong>
      <p className={cause === undefined ? 'sc-lead' : 'sc-problem sc-wrap'}>
        {cause === undefined ? 'None that is known.' : toSentence(cause)}
      </p>
    </div>
  )
}

const OFF: ReadonlySet<string> = new Set(['PAUSED', 'STOPPED'])

/** Pause or Resume, of whatever it is. */
function Switch({ flow }: { readonly flow: Flow }) {
  if (flow.kind === 'job') return <JobSwitch id={idOf(flow)} />
  return flow.kind === 'channel' ? (
    <ChannelSwitch flow={flow} />
  ) : (
    <ConnectorSwitch name={flow.name} isOff={OFF.has(flow.state)} />
  )
}

function ConnectorSwitch({ name, isOff }: { readonly name: string; readonly isOff: boolean }) {
  const act = useAct()
  const change = () => act.mutate({ act: isOff ? 'resume' : 'pause', names: [name] })
  return <SwitchButton isOff={isOff} isBusy={act.isPending} onClick={change} />
}

function ChannelSwitch({ flow }: { readonly flow: Flow }) {
  const { data } = useQuery(captureQuery)
  const act = useChannelAct()
  const channel = data?.channels.find(one => isOf(flow, one))
  if (channel === undefined) return undefined
  const isOff = !channel.transmissionEnabled
  const change = () => act.mutate({ act: isOff ? 'resume' : 'pause', channel })
  return <SwitchButton isOff={isOff} isBusy={act.isPending} onClick={change} />
}

/** A job that is paused is not run by its schedule. */
function JobSwitch({ id }: { readonly id: string }) {
  const job = useQuery(jobsQuery).data?.find(one => one.id === id)
  const change = useJobChange((enabled: boolean) => patchJob(id, { enabled }))
  if (job === undefined) return undefined
  return (
    <May least="job_creator">
      <SwitchButton
        isOff={!job.enabled}
        isBusy={change.isPending}
        onClick={() => change.mutate(!job.enabled)}
      />
    </May>
  )
}

interface SwitchButtonProps {
  readonly isOff: boolean
  readonly isBusy: boolean
  readonly onClick: () => void
}

function SwitchButton({ isOff, isBusy, onClick }: SwitchButtonProps) {
  return (
    <Button loading={isBusy} onClick={onClick} data-testid={isOff ? 'flow-resume' : 'flow-pause'}>
      {isOff ? 'Resume' : 'Pause'}
    </Button>
  )
}

function Open({ flow }: { readonly flow: Flow }) {
  const look = { variant: 'filled', 'data-testid': 'flow-go' } as const
  if (flow.kind === 'job') {
    return (
      <LinkButton to="/jobs/$id/$tab" params={{ id: idOf(flow), tab: 'overview' }} {...look}>
        Open
      </LinkButton>
    )
  }
  if (flow.kind === 'channel') {
    return (
      <LinkButton to="/capture/$tab" params={{ tab: 'channels' }} {...look}>
        Open
      </LinkButton>
    )
  }
  return (
    <LinkButton to="/connectors/$name/$tab" params={{ name: flow.name, tab: 'overview' }} {...look}>
      Open
    </LinkButton>
  )
}

function idOf({ key }: Flow): string {
  return key.slice(key.indexOf(' ') + 1)
}

interface ChannelNames {
  readonly dataCenterId: string
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
}

/** Keys of channels are made of these names, as capture-model.ts makes them. */
function isOf(flow: Flow, one: ChannelNames): boolean {
  const { dataCenterId, sourceKeyspace, sourceTable, destination } = one
  return idOf(flow) === [dataCenterId, sourceKeyspace, sourceTable, destination].join('/')
}
