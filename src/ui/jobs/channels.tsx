/**
 * Channels of alerts: add, test, change, delete, and what was sent through them. Used by the tab Alerts.
 * Channels belong to all jobs.
 * Spec: ui 5.7 (Settings, Alerts); backlog-replication 2.14.
 */
import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChannelInfo, DeliveryInfo } from '../../api-v1-alerts.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import {
  channelsQuery,
  deleteChannel,
  deliveriesQuery,
  resend,
  testChannel,
  useAlertChange,
} from './alert-queries.ts'
import { ChannelDialog } from './channel-dialog.tsx'

const KINDS = { webhook: 'Webhook', chat: 'Chat', mail: 'Mail' } as const
const STATES = { waiting: 'Waiting', sent: 'Sent', failed: 'Failed' } as const
const SHOWN = 20

export function Channels() {
  const query = useQuery(channelsQuery)
  const deliveries = useQuery(deliveriesQuery).data ?? []
  const [opened, setOpened] = useState<ChannelInfo | 'new' | undefined>()
  return (
    <section className="sc-card" aria-labelledby="channels-title">
      <Group justify="space-between" className="sc-card-head">
        <h2 id="channels-title" className="sc-card-title">
          Channels
        </h2>
        <May least="standard">
          <Button onClick={() => setOpened('new')} data-testid="channel-add">
            Add a channel
          </Button>
        </May>
      </Group>
      <Panel query={query} what="the channels">
        {all =>
          all.length === 0 ? (
            <Empty text="A channel is a webhook, a chat or a mail address that alerts and events are sent to." />
          ) : (
            <ChannelTable channels={all} onOpen={setOpened} />
          )
        }
      </Panel>
      {deliveries.length > 0 && <Deliveries all={deliveries.slice(0, SHOWN)} />}
      {opened !== undefined && (
        <ChannelDialog
          saved={opened === 'new' ? undefined : opened}
          onClose={() => setOpened(undefined)}
        />
      )}
    </section>
  )
}

interface ChannelTableProps {
  readonly channels: readonly ChannelInfo[]
  readonly onOpen: (one: ChannelInfo) => void
}

function ChannelTable({ channels, onOpen }: ChannelTableProps) {
  const [asked, setAsked] = useState<ChannelInfo | undefined>()
  const test = useAlertChange((one: ChannelInfo) => testChannel(one.id), {
    failed: 'The channel did not take the test message',
    onDone: ({ text }) => toastDone(`The test message was sent: ${text}.`),
  })
  const remove = useAlertChange((one: ChannelInfo) => deleteChannel(one.id), {
    failed: 'The channel was not deleted',
    onDone: () => setAsked(undefined),
  })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Name', 'Kind', 'To']} acts />
        <tbody>
          {channels.map(one => (
            <tr key={one.id} data-testid="channel-row" data-key={one.name}>
              <td>
                <bdi>{one.name}</bdi>
              </td>
              <td>{KINDS[one.kind]}</td>
              <td className="sc-wrap">{targetOf(one)}</td>
              <td>
                <May least="standard">
                  <Group gap="sm" wrap="nowrap">
                    <Button
                      size="compact-sm"
                      loading={test.isPending && test.variables?.id === one.id}
                      onClick={() => test.mutate(one)}
                      data-testid="channel-test"
                    >
                      Test
                    </Button>
                    <Button
                      size="compact-sm"
                      onClick={() => onOpen(one)}
                      data-testid="channel-edit"
                    >
                      Edit
                    </Button>
                    <Button
                      size="compact-sm"
                      color="error"
                      onClick={() => setAsked(one)}
                      data-testid="channel-delete"
                    >
                      Delete
                    </Button>
                  </Group>
                </May>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={asked !== undefined}
        title={`Delete channel ${asked?.name}?`}
        text="Rules and events that name it tell nobody through it any more. The alerts stay."
        verb="Delete channel"
        dangerous
        busy={remove.isPending}
        onConfirm={() => asked !== undefined && remove.mutate(asked)}
        onClose={() => setAsked(undefined)}
      />
    </div>
  )
}

function Deliveries({ all }: { readonly all: readonly DeliveryInfo[] }) {
  const again = useAlertChange(resend, { failed: 'The message was not sent again' })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <caption className="sc-hidden">Messages to channels</caption>
        <ColumnHeads columns={['Sent', 'Channel', 'Message', 'State']} acts />
        <tbody>
          {all.map(one => (
            <tr key={one.id} data-testid="delivery-row" data-state={one.state}>
              <td>{toAgo(one.time)}</td>
              <td>{one.channelName}</td>
              <td className="sc-wrap">{one.text}</td>
              <td className="sc-wrap">
                {STATES[one.state]}
                {one.result === '' ? '' : `: ${one.result}`}
                {one.state === 'waiting' && one.attempts > 0
                  ? `, attempt ${one.attempts} of 6`
                  : ''}
              </td>
              <td>
                {one.state !== 'sent' && (
                  <May least="standard">
                    <Button
                      size="compact-sm"
                      onClick={() => again.mutate(one.id)}
                      data-testid="delivery-resend"
                    >
                      Send again
                    </Button>
                  </May>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function targetOf({ kind, properties, secrets }: ChannelInfo): string {
  if (kind === 'mail') return String(properties['to'] ?? '')
  if (kind === 'chat') return `ends in ${(secrets['url']?.hint ?? '').replace('…', '')}`
  return String(properties['url'] ?? '')
}
