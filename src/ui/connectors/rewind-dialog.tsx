/**
 * "Rewind to…": a source that reads by time goes on from another moment. Opened from its positions while it
 * is stopped. Invariants: what it means is said before it is done; the input names its zone.
 * Spec: ui 4.5 (change offsets), 5.4 (offsets of sources).
 */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { toLocal, zoneName } from '../parts/format.ts'
import { useRewind } from './inside-queries.ts'
import { offsetAt, parseLocal, type TimeOffset } from './time-offset.ts'

interface RewindDialogProps {
  readonly name: string
  readonly partition: unknown
  readonly time: TimeOffset
  readonly onClose: () => void
}

export function RewindDialog({ name, partition, time, onClose }: RewindDialogProps) {
  const [text, setText] = useState(toLocal(new Date(time.ms).toISOString()))
  const rewind = useRewind(name)
  const ms = parseLocal(text)
  const isWrong = ms === undefined || ms > Date.now()
  const apply = () => {
    if (ms === undefined) return
    const offset = offsetAt(time.column, ms)
    rewind.mutate({ partition, offset }, { onSuccess: onClose })
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={`From when does ${name} read on?`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-rewind"
    >
      <Stack gap="lg">
        <TextInput
          label={`Time, ${zoneName()}`}
          description="a day, or a day and a time: 2026-11-20 14:00"
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          error={isWrong ? 'Expected a moment of the past, such as 2026-11-20 14:00.' : undefined}
          data-autofocus
          data-testid="field-rewind-time"
        />
        {!isWrong && (
          <p className="sc-lead" data-testid="rewind-meaning">
            {meaningOf(ms, time)}
          </p>
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="filled"
            disabled={isWrong || ms === time.ms}
            loading={rewind.isPending}
            onClick={apply}
            data-testid="rewind-apply"
          >
            Change position
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function meaningOf(ms: number, { column, ms: now }: TimeOffset): string {
  if (ms < now)
    return `Rows whose ${column} is after that moment are read again; their records come a second time. None is skipped.`
  if (ms > now)
    return `Rows whose ${column} is before that moment and were not read yet are skipped.`
  return 'It is where the source is.'
}
