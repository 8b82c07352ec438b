/**
 * Where the records begin, which of them, how they are shown, and whether they are live.
 * Used above the records.
 * Invariant: an offset or a time counts when it is complete; times name their zone.
 * Spec: ui 5.7, 8 (`records-live`).
 */
import { Button, Group, Select, Switch, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { toLocal, zoneName } from '../parts/format.ts'
import { typedZone } from '../parts/zone.ts'

export interface RecordsSearch {
  readonly from?: string
  readonly partition?: string
  readonly q?: string
  readonly decode?: string
  readonly live?: string
  readonly page?: string
}

interface RecordsBarProps {
  readonly search: RecordsSearch
  readonly partitions: number
  readonly isBusy: boolean
  readonly onChange: (next: RecordsSearch) => void
  readonly onReload: () => void
}

const FROM = [
  { value: 'newest', label: 'Newest' },
  { value: 'oldest', label: 'Oldest' },
  { value: 'offset', label: 'Offset…' },
  { value: 'time', label: 'Time…' },
]
const DECODE = [
  { value: 'auto', label: 'Decode: auto' },
  { value: 'json', label: 'JSON' },
  { value: 'text', label: 'Text' },
  { value: 'hex', label: 'Hex' },
]
/** More than these are typed, not chosen. */
const PARTITIONS_MAX = 1_000

export function RecordsBar(props: RecordsBarProps) {
  const { search, partitions, isBusy, onChange, onReload } = props
  const isLive = search.live === '1'
  const numbers = Array.from({ length: Math.min(partitions, PARTITIONS_MAX) }, (_, at) =>
    String(at),
  )
  return (
    <Group gap="sm" className="sc-records-bar">
      <FromChoice
        key={`from ${search.from ?? ''}`}
        from={search.from ?? 'newest'}
        isDisabled={isLive}
        onChange={onChange}
      />
      <Select
        value={search.partition ?? null}
        data={numbers}
        onChange={partition => onChange({ partition: partition ?? '' })}
        placeholder="All partitions"
        aria-label="Partition"
        clearable
        clearButtonProps={{ 'aria-label': 'All partitions' }}
        data-testid="records-partition"
        w={150}
      />
      <Select
        value={search.decode ?? 'auto'}
        data={DECODE}
        onChange={decode => onChange({ decode: decode === 'auto' ? '' : (decode ?? '') })}
        allowDeselect={false}
        aria-label="Decode as"
        data-testid="records-decode"
        w={150}
      />
      <Contains key={`q ${search.q ?? ''}`} q={search.q ?? ''} onChange={onChange} />
      <Switch
        label="Live"
        checked={isLive}
        onChange={event => onChange({ live: event.currentTarget.checked ? '1' : '' })}
        data-testid="records-live"
      />
      {!isLive && (
        <Button onClick={onReload} loading={isBusy} data-testid="records-reload">
          Reload
        </Button>
      )}
    </Group>
  )
}

interface FromChoiceProps {
  readonly from: string
  readonly isDisabled: boolean
  readonly onChange: (next: RecordsSearch) => void
}

function FromChoice({ from, isDisabled, onChange }: FromChoiceProps) {
  const at = from.indexOf(':')
  const given = at < 0 ? from : from.slice(0, at)
  const [kind, setKind] = useState(given)
  const [text, setText] = useState(at < 0 ? '' : shownPlace(given, from.slice(at + 1)))
  const choose = (next: string | null) => {
    setKind(next ?? 'newest')
    setText('')
    if (next === 'newest' || next === 'oldest') onChange({ from: next })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const place = toPlace(kind, text)
    if (place !== undefined) onChange({ from: place })
  }
  const hasPlace = kind === 'offset' || kind === 'time'
  const isWrong = text !== '' && toPlace(kind, text) === undefined
  return (
    <form onSubmit={submit} className="sc-records-from">
      <Select
        value={kind}
        data={FROM}
        onChange={choose}
        allowDeselect={false}
        disabled={isDisabled}
        aria-label="From"
        data-testid="records-from"
        w={120}
      />
      {hasPlace && !isDisabled && (
        <>
          <TextInput
            value={text}
            onChange={event => setText(event.currentTarget.value)}
            placeholder={kind === 'offset' ? '48210' : '2026-11-21 14:00'}
            aria-label={kind === 'offset' ? 'Offset' : `Time, ${zoneName()}`}
            error={isWrong}
            data-testid="records-place"
            w={180}
          />
          {kind === 'time' && <span className="sc-quiet">{zoneName()}</span>}
          <Button type="submit" data-testid="records-go">
            Go
          </Button>
        </>
      )}
    </form>
  )
}

/** Undefined: not complete. Times are those of the shown zone. */
export function toPlace(kind: string, text: string): string | undefined {
  const trimmed = text.trim()
  if (kind === 'offset') return /^\d{1,15}$/.test(trimmed) ? `offset:${trimmed}` : undefined
  if (!/^\d{4}-\d\d-\d\d/.test(trimmed)) return undefined
  const iso = trimmed.length === 10 ? `${trimmed}T00:00` : trimmed.replace(' ', 'T')
  const at = new Date(`${iso}${typedZone()}`)
  return Number.isNaN(at.getTime()) ? undefined : `time:${at.toISOString()}`
}

function shownPlace(kind: string, place: string): string {
  if (kind !== 'time') return place
  const at = new Date(place)
  if (Number.isNaN(at.getTime())) return place
  return toLocal(at.toISOString())
}

interface ContainsProps {
  readonly q: string
  readonly onChange: (next: RecordsSearch) => void
}

/** Searched by the server, so it counts with Enter. */
function Contains({ q, onChange }: ContainsProps) {
  const [text, setText] = useState(q)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onChange({ q: text })
  }
  return (
    <form onSubmit={submit}>
      <TextInput
        value={text}
        onChange={event => setText(event.currentTarget.value)}
        onBlur={() => text !== q && onChange({ q: text })}
        placeholder="contains, Enter"
        aria-label="Records that contain"
        data-testid="search"
        leftSection={<IconSearch size={16} stroke={1.5} />}
        w={200}
      />
    </form>
  )
}
