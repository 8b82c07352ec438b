/**
 * The first screen: what moves, what needs attention, what ran last, how the server is.
 * Route /ui/.
 * Invariants: a figure that is unknown is a dash; quiet is said, not left blank; the open flow is in the
 * address. What is below the map, the list and the drawer are loaded after the rest.
 * Spec: ui 5.1.
 */
import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { readersOf } from '../capture/capture-model.ts'
import { captureQuery } from '../capture/capture-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, PanelError } from '../parts/panel.tsx'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { TourOffer } from '../welcome/tour-offer.tsx'
import { useWelcome } from '../welcome/use-welcome.ts'
import { channelFlows, readerEnds } from './capture-flows.ts'
import { FlowMap } from './flow-map.tsx'
import { HomeFigures } from './home-figures.tsx'
import { connectorFlows, type Flow, jobFlows } from './home-model.ts'
import { useSamples } from './home-queries.ts'
import { NeedsAttention } from './needs-attention.tsx'
import { RangeMenu, useHomeChange, useHomeSearch, useHomeView, ViewSwitch } from './view-switch.tsx'

const HomeCards = lazyPart(async () => (await import('./home-cards.tsx')).HomeCards)
const FlowList = lazyPart(async () => (await import('./flow-list.tsx')).FlowList)
const FlowDrawer = lazyPart(async () => (await import('./flow-drawer.tsx')).FlowDrawer)

export function HomePage() {
  const { flows, isLoading, error } = useFlows()
  const isEmpty = flows.length === 0
  const view = useHomeView()
  useWelcome(isEmpty && !isLoading && error === null)
  return (
    <Page
      id="home"
      title="Home"
      loading={isLoading && error === null}
      actions={
        !isEmpty && (
          <>
            <RangeMenu />
            <ViewSwitch />
          </>
        )
      }
    >
      <Stack gap="lg">
        <TourOffer />
        {error !== null && isEmpty && <PanelError error={error} what="the flows" />}
        {!isLoading && error === null && isEmpty ? <Nothing /> : <HomeFigures flows={flows} />}
        {!isLoading && <NeedsAttention />}
        <Suspense>
          {!isEmpty && (view === 'list' ? <FlowList flows={flows} /> : <FlowMap flows={flows} />)}
        </Suspense>
        <Suspense>
          <HomeCards />
        </Suspense>
      </Stack>
      <OpenFlow flows={flows} />
    </Page>
  )
}

/** All that moves: connectors, channels, jobs. */
function useFlows() {
  const connectors = useQuery(connectorsQuery)
  const jobs = useQuery(jobsQuery)
  const samples = useSamples()
  const { data: capture } = useQuery(captureQuery)
  const rows = connectors.data === undefined ? [] : toRows(connectors.data)
  const readers = readersOf(connectors.data ?? {})
  const channels = capture === undefined ? [] : channelFlows(capture, readers)
  const captured = capture === undefined ? undefined : readerEnds(capture, readers)
  return {
    flows: [...connectorFlows(rows, samples, captured), ...channels, ...jobFlows(jobs.data ?? [])],
    isLoading: (SERVES_CONNECT && connectors.isPending) || (SERVES_JOBS && jobs.isPending),
    error: connectors.error ?? jobs.error,
  }
}

/** The drawer, while the flow of the address is there. */
function OpenFlow({ flows }: { readonly flows: readonly Flow[] }) {
  const { flow: key } = useHomeSearch()
  const change = useHomeChange()
  const flow = key === undefined ? undefined : flows.find(one => one.key === key)
  if (flow === undefined) return undefined
  return (
    <Suspense>
      <FlowDrawer flow={flow} onClose={() => change({ flow: '' })} />
    </Suspense>
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
