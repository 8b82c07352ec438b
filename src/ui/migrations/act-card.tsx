/**
 * Starts a copy or a validation, stops it, and shows how far it is. Used by the copy panel.
 * Invariants: 100 % only when everything is done; what was stopped goes on where it was.
 * Spec: ui 5.6, 4.3 (progress).
 */
import { Button, Checkbox, Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { MigrationAct, MigrationInfo } from '../../api-v1-migrations.ts'
import { toAgo, toCount, toDuration } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { useStartAct, useStopAct } from './migration-queries.ts'
import { shareOf, shownAct } from './migration-words.ts'

interface ActsProps {
  readonly info: MigrationInfo
  readonly act: MigrationAct | null
}

export function Acts({ info, act }: ActsProps) {
  const start = useStartAct(info.name)
  const stop = useStopAct(info.name)
  const [rate, setRate] = useState('')
  const [withTimes, setTimes] = useState(false)
  const isRunning = act?.state === 'running'
  const isCopyOpen = act?.kind === 'copy' && act.state !== 'passed' && !isRunning
  const isBadRate = rate !== '' && !(Number(rate) > 0)
  if (isRunning) {
    return (
      <Group gap="sm">
        <Button loading={stop.isPending} onClick={() => stop.mutate()} data-testid="act-stop">
          Stop
        </Button>
        <span className="sc-quiet">It ends the pages under way and goes on there later.</span>
      </Group>
    )
  }
  const limit = rate === '' ? {} : { writeRate: Number(rate) }
  return (
    <Group gap="sm" align="flex-end">
      <TextInput
        label="Limit, rows/s"
        placeholder="no limit"
        value={rate}
        onChange={event => setRate(event.currentTarget.value.trim())}
        error={isBadRate ? 'A number above 0' : undefined}
        inputMode="numeric"
        w={120}
        data-testid="field-limit"
      />
      <Button
        variant="filled"
        disabled={isBadRate}
        loading={start.isPending}
        onClick={() => start.mutate({ kind: 'copy', ...limit })}
        data-testid="act-copy"
      >
        {isCopyOpen ? 'Go on copying' : 'Copy'}
      </Button>
      <Button
        loading={start.isPending}
        onClick={() => start.mutate({ kind: 'validate', compareTimestamps: withTimes })}
        data-testid="act-validate"
      >
        Validate
      </Button>
      <Checkbox
        label="Compare write times and TTLs"
        checked={withTimes}
        onChange={event => setTimes(event.currentTarget.checked)}
        mb={8}
        data-testid="field-compare-timestamps"
      />
    </Group>
  )
}

export function ActCard({ act }: { readonly act: MigrationAct }) {
  const [state, text] = shownAct(act)
  const share = shareOf(act)
  const isRunning = act.state === 'running'
  const rate = act.tables.reduce((sum, one) => sum + one.rowsPerSecond, 0)
  const rows = act.tables.reduce((sum, one) => sum + one.rows, 0)
  const left = act.tables.find(one => one.state === 'running')?.leftMs ?? null
  const percent = share >= 1 ? '100 %' : share > 0.99 ? '>99 %' : `${Math.floor(share * 100)} %`
  const table = act.tables.find(one => one.state === 'running')?.table
  const facts = [
    `${toCount(rows)} rows`,
    ...(isRunning ? [percent, `${toCount(Math.round(rate))}/s`, table ?? ''] : []),
    ...(isRunning && left !== null ? [`about ${toDuration(left)} left`] : []),
  ].filter(one => one !== '')
  return (
    <section
      className="sc-card sc-card-body"
      aria-label="What the server does"
      data-testid="act"
      data-key={act.kind}
      data-state={act.state}
    >
      <Group gap="md">
        <StatusChip state={state} text={text} />
        <span data-testid="act-facts">{facts.join(' · ')}</span>
        <span className="sc-spacer" />
        <span className="sc-quiet">
          {act.by}, {toAgo(act.startedAt)}
        </span>
      </Group>
      {isRunning && (
        <div
          className="sc-bar-track sc-progress-text"
          role="progressbar"
          aria-label={text}
          aria-valuenow={Math.floor(share * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <div className="sc-bar-fill" style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {!isRunning && act.text !== '' && <p className="sc-lead sc-wrap">{act.text}</p>}
    </section>
  )
}
