/**
 * New positions of a sink's partitions: typed one by one or set for all, previewed by the server, then
 * changed. Used by the offsets tab.
 * Invariants: Change offsets works only on what was previewed as it stands; an offset is never a
 * number. Spec: ui 5.4 (offsets), 4.5.
 */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  PartitionPosition,
  PositionChange,
  PositionsPreview,
} from '../../api-v1-connectors.ts'
import { toCounted, UNKNOWN, zoneName } from '../parts/format.ts'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { toastProblem } from '../parts/toast.ts'
import { intlZone, typedZone } from '../parts/zone.ts'
import { useAct } from './connector-queries.ts'
import { preview, useChangeOffsets } from './inside-queries.ts'

interface OffsetsEditorProps {
  readonly name: string
  readonly partitions: readonly PartitionPosition[]
  readonly isEditable: boolean
}

const keyOf = ({ topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `${topic}-${partition}`

const WAYS = [
  { value: 'earliest', label: 'Earliest' },
  { value: 'latest', label: 'Latest' },
  { value: 'time', label: 'Time…' },
  { value: 'offset', label: 'Offset' },
  { value: 'shift', label: 'Shift by' },
  { value: 'remove', label: 'Remove' },
] as const

type Way = (typeof WAYS)[number]['value']

export function OffsetsEditor({ name, partitions, isEditable }: OffsetsEditorProps) {
  const [drafts, setDrafts] = useState<ReadonlyMap<string, PositionChange>>(new Map())
  const [shown, setShown] = useState<PositionsPreview | undefined>()
  const ask = useMutation({
    mutationFn: () => preview(name, [...drafts.values()]),
    onSuccess: setShown,
    onError: error => toastProblem('These offsets cannot be set', error),
  })
  const change = useChangeOffsets(name)
  const act = useAct()
  const set = (next: ReadonlyMap<string, PositionChange>) => {
    setDrafts(next)
    setShown(undefined)
  }
  const discard = () => set(new Map())
  const type = (one: PartitionPosition, text: string) => {
    const next = new Map(drafts)
    if (text === '' || text === one.committed) next.delete(keyOf(one))
    else {
      const { topic, partition } = one
      next.set(keyOf(one), { topic, partition, to: 'offset', value: text })
    }
    set(next)
  }
  const previewed = new Map(shown?.items.map(one => [keyOf(one), one]))
  return (
    <Stack gap="md">
      <ScrollCard label="Positions">
        <table className="sc-grid">
          <thead>
            <tr>
              <th>Topic</th>
              <th className="sc-number">Part.</th>
              <th className="sc-number">Earliest</th>
              <th className="sc-number">Committed</th>
              <th className="sc-number">Latest</th>
              <th className="sc-number">Lag</th>
              {isEditable && <th>New offset</th>}
              {isEditable && <th>Means</th>}
            </tr>
          </thead>
          <tbody>
            {partitions.map(one => {
              const draft = drafts.get(keyOf(one))
              const after = previewed.get(keyOf(one))
              return (
                <tr key={keyOf(one)} data-testid="offset-row" data-key={keyOf(one)}>
                  <td className="sc-mono">{one.topic}</td>
                  <td className="sc-number">{one.partition}</td>
                  <td className="sc-number">{grouped(one.earliest)}</td>
                  <td className="sc-number" data-column="committed">
                    {grouped(one.committed)}
                  </td>
                  <td className="sc-number">{grouped(one.latest)}</td>
                  <td className="sc-number">{grouped(one.lag)}</td>
                  {isEditable && (
                    <td>
                      <TextInput
                        size="xs"
                        w={140}
                        value={draft === undefined ? (one.committed ?? '') : draftText(draft)}
                        readOnly={draft !== undefined && draft.to !== 'offset'}
                        onChange={event => type(one, event.currentTarget.value.trim())}
                        inputMode="numeric"
                        aria-label={`New offset of ${keyOf(one)}`}
                        data-testid="offset-new"
                      />
                    </td>
                  )}
                  {isEditable && <td>{after === undefined ? '' : meansOf(after)}</td>}
                </tr>
              )
            })}
          </tbody>
        </table>
      </ScrollCard>
      {isEditable && <SetAll partitions={partitions} onSet={set} />}
      {isEditable && (
        <Group gap="sm">
          <Button
            disabled={drafts.size === 0}
            loading={ask.isPending}
            onClick={() => ask.mutate()}
            data-testid="offsets-preview"
          >
            Preview
          </Button>
          <Button
            variant="filled"
            disabled={shown === undefined || shown.changed === 0}
            loading={change.isPending}
            onClick={() => shown !== undefined && change.mutate(shown, { onSuccess: discard })}
            data-testid="offsets-apply"
          >
            Change offsets
          </Button>
          <Button disabled={drafts.size === 0} onClick={discard} data-testid="discard-changes">
            Discard
          </Button>
          <Button
            loading={act.isPending}
            onClick={() => act.mutate({ act: 'resume', names: [name] })}
            data-testid="offsets-resume"
          >
            Resume
          </Button>
        </Group>
      )}
      {shown !== undefined && (
        <p className="sc-lead" role="status" data-testid="offsets-meaning">
          {shown.changed} of {toCounted(partitions.length, 'partition')} changes:{' '}
          {grouped(shown.again)} records are read again, {grouped(shown.skipped)} skipped. Cassandra
          keeps the newest write, so reading again is safe.
        </p>
      )}
    </Stack>
  )
}

interface SetAllProps {
  readonly partitions: readonly PartitionPosition[]
  readonly onSet: (drafts: ReadonlyMap<string, PositionChange>) => void
}

function SetAll({ partitions, onSet }: SetAllProps) {
  const topics = [...new Set(partitions.map(one => one.topic))]
  const [topic, setTopic] = useState('')
  const [to, setTo] = useState<Way>('earliest')
  const [value, setValue] = useState('')
  const apply = () => {
    const chosen = partitions.filter(one => topic === '' || one.topic === topic)
    const text = to === 'time' ? String(Date.parse(`${value}${typedZone()}`)) : value.trim()
    const drafts = chosen.map(one => {
      const { topic: of, partition } = one
      const needsValue = to === 'time' || to === 'offset' || to === 'shift'
      const draft = { topic: of, partition, to, ...(needsValue ? { value: text } : {}) }
      return [keyOf(one), draft] as const
    })
    onSet(new Map(drafts))
  }
  const needsNumber = to === 'offset' || to === 'shift'
  const isBad = (needsNumber && !/^-?\d+$/.test(value.trim())) || (to === 'time' && value === '')
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Set"
        w={200}
        data={[{ value: '', label: 'all partitions' }, ...topics]}
        value={topic}
        onChange={next => setTopic(next ?? '')}
        allowDeselect={false}
        data-testid="offsets-of"
      />
      <Select
        label="to"
        w={140}
        data={[...WAYS]}
        value={to}
        onChange={next => setTo((next ?? 'earliest') as Way)}
        allowDeselect={false}
        renderOption={({ option }) => (
          <span data-testid="option" data-value={option.value}>
            {option.label}
          </span>
        )}
        data-testid="offsets-to"
      />
      {to === 'time' && (
        <TextInput
          type="datetime-local"
          step={1}
          label={`Time, ${zoneName()}`}
          value={value}
          onChange={event => setValue(event.currentTarget.value)}
          data-testid="offsets-time"
        />
      )}
      {needsNumber && (
        <TextInput
          label={to === 'shift' ? 'Records, may be negative' : 'Offset'}
          value={value}
          onChange={event => setValue(event.currentTarget.value)}
          inputMode="numeric"
          data-testid="offsets-value"
        />
      )}
      <Button disabled={isBad} onClick={apply} data-testid="offsets-set">
        Set
      </Button>
    </Group>
  )
}

function draftText({ to, value = '' }: PositionChange): string {
  if (to === 'offset') return value
  if (to === 'time') return `at ${new Date(Number(value)).toLocaleString('en-GB', intlZone())}`
  return to === 'shift' ? `shift by ${value}` : to
}

function meansOf(after: PositionsPreview['items'][number]): string {
  const { again, skipped, next, committed } = after
  if (next === committed) return 'stays'
  const at = next === null ? 'removed' : `→ ${grouped(next)}`
  if (again !== '0') return `${at}, ${grouped(again)} again`
  return skipped === '0' ? at : `${at}, ${grouped(skipped)} skipped`
}

/** 48,210, of a text. */
export function grouped(text: string | null): string {
  return text === null ? UNKNOWN : text.replace(/\B(?=(\d{3})+$)/g, ',')
}
