/**
 * Capture: what is collected from tables, where it goes, how far it is, and the last changes.
 * Route /ui/capture/{tab}.
 * Invariant: every tab ends in a next step; what waits for a connector or an agent says so.
 * Spec: ui 5.5.
 */
import './capture.css'
import { Button, Tabs } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_CAPTURE } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { AgentsTab } from './agents-tab.tsx'
import { readersOf } from './capture-model.ts'
import { captureQuery } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { ChannelDialog } from './channel-dialog.tsx'
import { ChannelsTab } from './channels-tab.tsx'
import { DestinationDialog } from './destination-dialog.tsx'
import { DestinationsTab } from './destinations-tab.tsx'
import { OverviewTab } from './overview-tab.tsx'
import { TailTab } from './tail-tab.tsx'

const TABS = [
  ['overview', 'Overview', OverviewTab],
  ['destinations', 'Destinations', DestinationsTab],
  ['channels', 'Channels', ChannelsTab],
  ['agents', 'Agents', AgentsTab],
  ['tail', 'Tail', TailTab],
] as const

/** What is asked for: a new destination or channel, or a destination to change. */
type Asked =
  | { readonly kind: 'destination'; readonly saved?: string }
  | { readonly kind: 'channel'; readonly destination?: string | undefined }

export function CapturePage() {
  const { tab = 'overview' } = useParams({ strict: false })
  const query = useQuery(captureQuery)
  const connectors = useQuery(connectorsQuery)
  const [asked, setAsked] = useState<Asked>()
  const mayEdit = useMay('standard')
  if (!SERVES_CAPTURE) return <NotSetUp />
  const readers = readersOf(connectors.data ?? {})
  return (
    <Page
      id="capture"
      title="Capture"
      loading={query.isPending}
      actions={mayEdit && <Actions tab={tab} onAsk={setAsked} />}
    >
      <Panel query={query} what="capture">
        {overview => {
          const view: CaptureView = {
            ...{ overview, readers, mayEdit },
            addDestination: () => setAsked({ kind: 'destination' }),
            changeDestination: saved => setAsked({ kind: 'destination', saved }),
            addChannel: destination => setAsked({ kind: 'channel', destination }),
          }
          return (
            <>
              <CaptureTabs tab={tab} view={view} />
              {asked?.kind === 'destination' && (
                <DestinationDialog
                  view={view}
                  saved={asked.saved}
                  onClose={() => setAsked(undefined)}
                />
              )}
              {asked?.kind === 'channel' && (
                <ChannelDialog
                  view={view}
                  destination={asked.destination}
                  onClose={() => setAsked(undefined)}
                />
              )}
            </>
          )
        }}
      </Panel>
    </Page>
  )
}

function CaptureTabs({ tab, view }: { readonly tab: string; readonly view: CaptureView }) {
  const navigate = useNavigate()
  const open = (next: string | null) =>
    void navigate({ to: '/capture/$tab', params: { tab: next ?? 'overview' } })
  return (
    <Tabs value={tab} onChange={open} keepMounted={false}>
      <Tabs.List mb="lg">
        {TABS.map(([key, title]) => (
          <Tabs.Tab key={key} value={key} data-testid={`tab-${key}`}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TABS.map(([key, , Tab]) => (
        <Tabs.Panel key={key} value={key}>
          <Tab view={view} />
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}

/** One main act: that of the tab. */
function Actions({ tab, onAsk }: { readonly tab: string; readonly onAsk: (asked: Asked) => void }) {
  const plus = <IconPlus size={16} stroke={1.5} />
  if (tab === 'channels' || tab === 'overview') {
    return (
      <Button
        variant="filled"
        leftSection={plus}
        onClick={() => onAsk({ kind: 'channel' })}
        data-testid="channel-create"
      >
        Create channel
      </Button>
    )
  }
  if (tab !== 'destinations') return undefined
  return (
    <Button
      variant="filled"
      leftSection={plus}
      onClick={() => onAsk({ kind: 'destination' })}
      data-testid="destination-create"
    >
      Create destination
    </Button>
  )
}

const SETTING = 'cdc.contact.points=127.0.0.1'

/** A worker without `cdc.contact.points` captures nothing. */
function NotSetUp() {
  return (
    <Page id="capture" title="Capture">
      <div className="sc-card">
        <Empty text="This server captures no changes. Name a node of the Cassandra cluster in the worker's properties and start it again; cdc_enabled must be true in that node's cassandra.yaml.">
          <code className="sc-mono">{SETTING}</code>
          <Button onClick={() => void toClipboard(SETTING)}>Copy</Button>
        </Empty>
      </div>
    </Page>
  )
}
