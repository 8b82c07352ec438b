/**
 * The agents: how far each is in its node's commit log, how fast it reads, how full cdc_raw is and when
 * Cassandra would refuse writes; and all gaps with their bounds.
 * Tab of Capture.
 * Spec: ui 5.5; cdc-replication 6.2, 6.4.
 */
import { Progress, Stack } from '@mantine/core'
import type { CaptureAgent, CaptureGap } from '../../api.ts'
import { rateText } from '../home/home-model.ts'
import { toAgo, toCount, toDuration, UNKNOWN } from '../parts/format.ts'
import { Empty } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { behindText, bytesText, RAW_ALARM, RAW_WARNING, rawPart } from './capture-model.ts'
import type { CaptureView } from './capture-view.ts'
import { GapBanners, gapSpan } from './gap-banners.tsx'

const EMPTY =
  'No agent runs yet. One starts by itself on this machine with the first channel; on other machines run scamander cdc-agent beside each node.'

export function AgentsTab({ view }: { readonly view: CaptureView }) {
  const { agents, gaps, figures } = view.overview
  const rates = new Map(figures.nodes.map(one => [one.hostId, one.recordsPerSecond]))
  return (
    <Stack gap="lg">
      {agents.error !== null && (
        <div className="sc-banner" data-role="error" role="alert">
          <p>{agents.error}</p>
        </div>
      )}
      {agents.agents.length === 0 ? (
        <div className="sc-card">
          <Empty text={EMPTY} />
        </div>
      ) : (
        <div className="sc-cards">
          {agents.agents.map(agent => (
            <Agent key={agent.hostId} agent={agent} rate={rates.get(agent.hostId) ?? undefined} />
          ))}
        </div>
      )}
      <GapBanners gaps={gaps} />
      <Gaps gaps={gaps} />
    </Stack>
  )
}

/** What is further away is no news. */
const FULL_SECONDS_MAX = 7 * 86_400

const STATES: Readonly<Record<string, string>> = {
  RUNNING: 'RUNNING',
  STARTING: 'WORKING',
  BLOCKED: 'WARNING',
  FAILED: 'FAILED',
  STOPPED: 'STOPPED',
}

function Agent({
  agent,
  rate,
}: {
  readonly agent: CaptureAgent
  readonly rate: number | undefined
}) {
  const { address, hostId, state, error, position, corrupt, undecodable } = agent
  const facts: readonly (readonly [string, string])[] = [
    ['Data center', agent.dataCenter],
    ['Behind', behindText(agent, Date.now())],
    ['Reads', `${rateText(rate)} records of the log`],
    ['Position', position === undefined ? UNKNOWN : `${position.segment}:${position.offset}`],
    ['Damaged', toCount(corrupt)],
    ['Not understood', toCount(undecodable)],
    ['Host id', hostId],
  ]
  return (
    <section
      className="sc-card sc-card-body"
      data-testid="agent-row"
      data-key={hostId}
      data-state={state}
    >
      <h2 className="sc-card-title">
        <bdi>{address}</bdi>{' '}
        <StatusChip
          state={STATES[state] ?? 'UNKNOWN'}
          text={state === 'BLOCKED' ? 'Blocked' : undefined}
        />
      </h2>
      {error !== undefined && <p className="sc-problem">{error}</p>}
      <Raw agent={agent} />
      <dl className="sc-facts">
        {facts.map(([title, value]) => (
          <div key={title} className="sc-fact">
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** The gauge of cdc_raw; at its end Cassandra refuses writes of captured tables. */
function Raw({ agent }: { readonly agent: CaptureAgent }) {
  const { bytes, files, limitBytes, fullInSeconds } = agent.cdcRaw
  const part = rawPart(agent)
  const role = part === undefined || part < RAW_WARNING ? 'ok' : part < RAW_ALARM ? 'warn' : 'error'
  const full =
    fullInSeconds === null || fullInSeconds > FULL_SECONDS_MAX
      ? ''
      : `; full in ${toDuration(fullInSeconds * 1000)} at this pace`
  return (
    <div className="sc-raw" data-role={role}>
      <p>
        cdc_raw {bytesText(bytes)} in {toCount(files)} {files === 1 ? 'file' : 'files'}
        {part !== undefined && `, ${Math.round(part * 100)} % of ${bytesText(limitBytes)}`}
      </p>
      {part !== undefined && (
        <Progress
          value={Math.min(100, part * 100)}
          color={`var(--${role})`}
          aria-label={`cdc_raw of ${agent.address}`}
        />
      )}
      <p className="sc-quiet">At 100 % Cassandra refuses writes of captured tables{full}.</p>
    </div>
  )
}

function Gaps({ gaps }: { readonly gaps: readonly CaptureGap[] }) {
  const suspected = gaps.filter(one => one.state === 'suspected')
  const settled = gaps.filter(one => one.state === 'healed' || one.state === 'acknowledged')
  return (
    <section className="sc-card sc-card-body" data-testid="gaps">
      <h2 className="sc-card-title">Gaps</h2>
      {gaps.length === 0 && <p className="sc-lead">No change was lost.</p>}
      {suspected.length > 0 && (
        <>
          <p className="sc-lead">
            Suspected: one node gave no changes of that time. Other replicas may have given them,
            which is known within five minutes.
          </p>
          <GapList gaps={suspected} testId="gaps-suspected" />
        </>
      )}
      {gaps.length > 0 && (
        <p className="sc-lead">
          {settled.length === 0 ? 'None was acknowledged or healed.' : 'Acknowledged or healed:'}
        </p>
      )}
      <GapList gaps={settled} testId="gaps-settled" />
    </section>
  )
}

function GapList(props: { readonly gaps: readonly CaptureGap[]; readonly testId: string }) {
  if (props.gaps.length === 0) return undefined
  return (
    <ul className="sc-last" data-testid={props.testId}>
      {props.gaps.map(gap => (
        <li key={gap.id}>
          <span className="sc-quiet">
            {GAP_STATES[gap.state]}; seen {toAgo(gap.seenAt)}
          </span>{' '}
          {gapSpan(gap)}: {gap.reason}
        </li>
      ))}
    </ul>
  )
}

const GAP_STATES: Record<CaptureGap['state'], string> = {
  suspected: 'other replicas are asked',
  healed: 'healed: other replicas gave the changes',
  open: 'open',
  acknowledged: 'acknowledged',
}
