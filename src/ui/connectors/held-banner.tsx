/**
 * What holds up a connector that runs: the record that is tried again with its error and what to do, a
 * server that does not answer, a topic that is not there. Used by the tabs Overview and Tasks.
 * Invariant: told as long as it lasts, and no longer.
 * Spec: ui 3 (Status), 5.4; cassandra-sink 7.
 */
import { Group } from '@mantine/core'
import { IconAlertTriangleFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { FlowCounters, FlowTrouble, FlowWait } from '../../api-v1-home.ts'
import { useSamples } from '../home/home-queries.ts'
import { toCounted, toDuration, toLocal, toSentence } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { useClock } from '../parts/use-clock.ts'
import { positionsQuery } from './inside-queries.ts'

/** More are counted. */
const SHOWN_MAX = 5

/** Of the tasks on this worker; undefined until they were read. */
export function useCounters(name: string): FlowCounters | undefined {
  return useSamples().now?.counters.get(name)
}

export function HeldBanners({ name }: { readonly name: string }) {
  const counters = useCounters(name)
  const { troubles = [], waits = [] } = counters ?? {}
  return (
    <>
      {waits.map(wait => (
        <WaitBanner key={`${wait.server} ${wait.task} ${wait.node}`} wait={wait} />
      ))}
      {troubles.slice(0, SHOWN_MAX).map(one => (
        <TroubleBanner key={one.record} name={name} trouble={one} />
      ))}
      {troubles.length > SHOWN_MAX && (
        <p className="sc-quiet">
          {toCounted(troubles.length - SHOWN_MAX, 'more record')} tried again
        </p>
      )}
    </>
  )
}

/** Asked of Kafka while it is on screen; asking makes no topic. */
export function MissingTopics({ name }: { readonly name: string }) {
  const { data } = useQuery(positionsQuery(name))
  return data?.missing.map(topic => (
    <Banner key={topic} testId="topic-missing" of={topic}>
      <p>
        The topic <bdi className="sc-mono">{topic}</bdi> does not exist. Nothing is read from it
        until somebody makes it, or the broker does.
      </p>
    </Banner>
  ))
}

function WaitBanner({ wait }: { readonly wait: FlowWait }) {
  const { server, node, since, inFlight } = wait
  const nowMs = useClock()
  return (
    <Banner testId="held-wait" of={server}>
      <p>
        <strong>
          {server} has not answered for {toDuration(Math.max(0, nowMs - Date.parse(since)))}
        </strong>
        {inFlight > 0 && `; ${toCounted(inFlight, 'write')} in flight`}
      </p>
      <p>
        {node === '' ? server : <bdi className="sc-mono">{node}</bdi>} is stopped, overloaded or cut
        off. What waits is written when it answers.
      </p>
    </Banner>
  )
}

function TroubleBanner(props: { readonly name: string; readonly trouble: FlowTrouble }) {
  const { name, trouble } = props
  const { record, since, attempts, code, message, advice, isRecord } = trouble
  return (
    <Banner testId="held-record" of={record}>
      <p>
        <strong>
          Record <bdi className="sc-mono">{record}</bdi> fails and is tried again
        </strong>
        , {toCounted(attempts, 'attempt')} since {toLocal(since)}
      </p>
      <p className="sc-wrap" data-testid="held-message">
        <span className="sc-mono">{code}</span>: <bdi>{toSentence(message)}</bdi> {advice}
      </p>
      {isRecord && (
        <p className="sc-quiet">
          Its partition does not get past it. Mend the mapping; or let a topic of dead letters take
          it (errors.deadletterqueue.topic.name); or, in the DataStax sink, pass such records with
          ignoreErrors.
        </p>
      )}
      <Group gap="sm" mt="sm">
        <LinkButton
          to="/connectors/$name/$tab"
          params={{ name, tab: 'config' }}
          data-testid="held-config"
        >
          Open Config
        </LinkButton>
      </Group>
    </Banner>
  )
}

interface BannerProps {
  readonly testId: string
  readonly of: string
  readonly children: ReactNode
}

function Banner({ testId, of, children }: BannerProps) {
  return (
    <div className="sc-banner" data-role="warn" data-testid={testId} data-key={of}>
      <IconAlertTriangleFilled size={16} aria-hidden />
      <div className="sc-grow">{children}</div>
    </div>
  )
}
