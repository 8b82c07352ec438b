/**
 * Where a connector goes on reading: positions per partition, changed with a preview while it is
 * stopped. Positions of sources are maps of their own; those that hold a time can be rewound.
 * Used by the connector page. Invariants: nothing is changed without the count of what it means;
 * offsets stay texts. Spec: ui 5.4 (offsets), 4.5; connect-rest 2.3.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectorStateInfo } from '../../api.ts'
import type { ConnectorPositions } from '../../api-v1-connectors.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toLocal, UNKNOWN, zoneName } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { useMay } from '../parts/session.ts'
import { useActing } from './act-dialog.tsx'
import { positionsQuery, useResetOffsets } from './inside-queries.ts'
import { OffsetsEditor } from './offsets-editor.tsx'
import { RewindDialog } from './rewind-dialog.tsx'
import { timeOffsetOf } from './time-offset.ts'

interface OffsetsTabProps {
  readonly name: string
  readonly status: ConnectorStateInfo
}

export function OffsetsTab({ name, status }: OffsetsTabProps) {
  const query = useQuery(positionsQuery(name))
  const isStopped = status.connector.state === 'STOPPED'
  const mayEdit = useMay('standard')
  return (
    <Stack gap="lg">
      {mayEdit && !isStopped && <StopFirst name={name} />}
      <Panel query={query} what="the offsets">
        {positions =>
          positions.partitions.length > 0 ? (
            <OffsetsEditor
              name={name}
              partitions={positions.partitions}
              isEditable={mayEdit && isStopped}
            />
          ) : (
            <Maps name={name} positions={positions} isEditable={mayEdit && isStopped} />
          )
        }
      </Panel>
    </Stack>
  )
}

interface MapRowProps {
  readonly name: string
  readonly partition: unknown
  readonly offset: unknown
  readonly isEditable: boolean
}

function MapRow({ name, partition, offset, isEditable }: MapRowProps) {
  const [isOpen, setOpen] = useState(false)
  const key = JSON.stringify(partition)
  const time = timeOffsetOf(offset)
  return (
    <tr data-testid="offset-row" data-key={key}>
      <td className="sc-mono sc-wrap">{key}</td>
      <td className="sc-mono sc-wrap">{JSON.stringify(offset)}</td>
      <td data-column="time">
        {time === undefined ? UNKNOWN : toLocal(new Date(time.ms).toISOString())}
      </td>
      <td>
        {isEditable && time !== undefined && (
          <Button size="xs" onClick={() => setOpen(true)} data-testid="offset-rewind">
            Rewind to…
          </Button>
        )}
        {isOpen && time !== undefined && (
          <RewindDialog {...{ name, partition, time }} onClose={() => setOpen(false)} />
        )}
      </td>
    </tr>
  )
}

function StopFirst({ name }: { readonly name: string }) {
  const { start, busy, dialog } = useActing([name], () => undefined)
  return (
    <Group gap="sm">
      <Button disabled={busy} onClick={() => start('stop')} data-testid="offsets-stop">
        Stop to edit
      </Button>
      <span className="sc-quiet">Offsets can be changed only while the connector is stopped.</span>
      {dialog}
    </Group>
  )
}

interface MapsProps {
  readonly name: string
  readonly positions: ConnectorPositions
  readonly isEditable: boolean
}

function Maps({ name, positions, isEditable }: MapsProps) {
  const [isAsked, setAsked] = useState(false)
  const reset = useResetOffsets(name)
  const { maps } = positions
  if (maps.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="No position is kept yet. Positions appear when the connector has read something." />
      </div>
    )
  }
  return (
    <Stack gap="md">
      <ScrollCard label="Positions">
        <table className="sc-grid">
          <ColumnHeads columns={['Partition', 'Offset', `Read up to, ${zoneName()}`]} acts />
          <tbody>
            {maps.map(one => (
              <MapRow key={JSON.stringify(one.partition)} {...{ name, ...one, isEditable }} />
            ))}
          </tbody>
        </table>
      </ScrollCard>
      {isEditable && (
        <Group>
          <Button onClick={() => setAsked(true)} data-testid="offsets-reset">
            Remove all offsets…
          </Button>
        </Group>
      )}
      <ConfirmDialog
        opened={isAsked}
        title={`Remove the offsets of ${name}?`}
        text="The source reads everything from the start again when it is resumed."
        verb="Remove offsets"
        dangerous
        busy={reset.isPending}
        onConfirm={() => reset.mutate(undefined, { onSettled: () => setAsked(false) })}
        onClose={() => setAsked(false)}
      />
    </Stack>
  )
}
