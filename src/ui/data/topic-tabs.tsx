/**
 * What a topic is made of and who reads it: the tabs Partitions, Config and Consumers.
 * Used by the topic.
 * Invariant: offsets and lags are texts with all their digits.
 * Spec: ui 5.7.
 */
import { Stack, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { TopicConsumerInfo, TopicDetail } from '../../api-v1-data.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCounted } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { consumersQuery } from './data-queries.ts'
import { toGrouped } from './data-text.ts'

export function PartitionsTab({ detail }: { readonly detail: TopicDetail }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys
    <section className="sc-card sc-grid-scroll" aria-label="Partitions" tabIndex={0}>
      <table className="sc-grid">
        <ColumnHeads
          columns={['Partition', 'Leader', 'Replicas', 'Earliest', 'Next offset', 'Records, about']}
          numbers={['Earliest', 'Next offset', 'Records, about']}
        />
        <tbody>
          {detail.partitions.map(({ partition, leader, replicas, start, end }) => (
            <tr key={partition} data-testid="partition-row" data-key={partition}>
              <td>{partition}</td>
              <td>{leader === null ? <span className="sc-warning">none</span> : leader}</td>
              <td>{replicas.join(', ')}</td>
              <td className="sc-number">{toGrouped(start)}</td>
              <td className="sc-number">{toGrouped(end)}</td>
              <td className="sc-number">{toGrouped(String(BigInt(end) - BigInt(start)))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function ConfigTab({ detail }: { readonly detail: TopicDetail }) {
  const [isAll, setIsAll] = useState(false)
  const own = detail.settings.filter(one => !one.isDefault)
  const shown = isAll ? detail.settings : own
  return (
    <Stack gap="md">
      <Switch
        label={`Show defaults (${detail.settings.length - own.length})`}
        checked={isAll}
        onChange={event => setIsAll(event.currentTarget.checked)}
        data-testid="config-all"
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
      <section className="sc-card sc-grid-scroll" aria-label="Settings" tabIndex={0}>
        {shown.length === 0 ? (
          <Empty text="This topic has no settings of its own: the defaults of the brokers hold." />
        ) : (
          <table className="sc-grid">
            <ColumnHeads columns={['Setting', 'Value', 'From']} />
            <tbody>
              {shown.map(({ name, value, isDefault }) => (
                <tr key={name} data-testid="setting-row" data-key={name}>
                  <td className="sc-mono">{name}</td>
                  <td className="sc-mono sc-wrap">
                    {value === null ? <span className="sc-quiet">secret</span> : value}
                  </td>
                  <td>{isDefault ? <span className="sc-quiet">brokers</span> : 'this topic'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </Stack>
  )
}

export function ConsumersTab({ topic }: { readonly topic: string }) {
  const query = useQuery({ ...consumersQuery(topic), refetchInterval: 10_000 })
  return (
    <Panel query={query} what="the consumers">
      {({ items, left }) => (
        <Stack gap="md">
          {left > 0 && (
            <p className="sc-warning">
              {toCounted(left, 'group')} more were not looked at: there are too many.
            </p>
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
          <section className="sc-card sc-grid-scroll" aria-label="Consumers" tabIndex={0}>
            {items.length === 0 ? (
              <Empty text="No group has a position in this topic." />
            ) : (
              <table className="sc-grid">
                <ColumnHeads
                  columns={['Group', 'State', 'Members', 'Lag', 'By partition']}
                  numbers={['Members', 'Lag']}
                />
                <tbody>
                  {items.map(one => (
                    <Consumer key={one.group} info={one} />
                  ))}
                </tbody>
              </table>
            )}
          </section>
        </Stack>
      )}
    </Panel>
  )
}

const PARTITIONS_SHOWN = 12

function Consumer({ info }: { readonly info: TopicConsumerInfo }) {
  const { group, state, members, lag, partitions } = info
  const shown = partitions.slice(0, PARTITIONS_SHOWN)
  const texts = shown.map(
    one => `${one.partition} @ ${toGrouped(one.committed)} (${toGrouped(one.lag)})`,
  )
  return (
    <tr data-testid="consumer-row" data-key={group}>
      <td className="sc-wrap">
        <bdi>{group}</bdi>
      </td>
      <td>{state}</td>
      <td className="sc-number">{members}</td>
      <td className="sc-number">{toGrouped(lag)}</td>
      <td>
        {texts.join(', ')}
        {partitions.length > shown.length && `, ${partitions.length - shown.length} more`}
      </td>
    </tr>
  )
}
