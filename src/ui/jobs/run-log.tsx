/**
 * The log of a run, with its rejected rows above it. Used by the run.
 * Invariant: whoever may not see logs sees a sentence in their place.
 * Spec: ui 5.3, 8 (`run-log-line`); backlog-replication 2.13.
 */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LogLine, RunInfo } from '../../api-v1.ts'
import { toLocal } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { logQuery, rejectedQuery } from './job-queries.ts'
import { RejectedRows } from './rejected-rows.tsx'

const SHOWN_LINES = 500
/** Each has the lines of those before it. */
const LEVELS: readonly (readonly [string, string, readonly LogLine['level'][]])[] = [
  ['error', 'Problems', ['error', 'warn']],
  ['info', 'Info', ['info']],
  ['transfer', 'Requests', ['transfer']],
  ['verbose', 'All', ['verbose']],
]

export function RunLog({ run }: { readonly run: RunInfo }) {
  return (
    <May
      least="job_operator"
      otherwise={<Empty text="Your role cannot see the log of runs. Ask an administrator." />}
    >
      <LogAndRejected run={run} />
    </May>
  )
}

function LogAndRejected({ run }: { readonly run: RunInfo }) {
  const isLive = run.finishedAt === null
  const log = useQuery(logQuery(run.id, isLive))
  const rejected = useQuery({
    ...rejectedQuery(run.id, isLive),
    enabled: run.rows.rejected > 0,
  })
  return (
    <>
      {run.rows.rejected > 0 && (
        <Panel query={rejected} what="the rejected rows">
          {rows => <RejectedRows rows={rows} run={run} />}
        </Panel>
      )}
      <Panel query={log} what="the log">
        {lines => <Lines lines={lines} run={run} />}
      </Panel>
    </>
  )
}

function Lines({ lines, run }: { readonly lines: readonly LogLine[]; readonly run: RunInfo }) {
  const [q, setQ] = useState('')
  const [level, setLevel] = useState('verbose')
  const shownLevels = LEVELS.slice(0, LEVELS.findIndex(([key]) => key === level) + 1)
  const isShown = (line: LogLine) => shownLevels.some(([, , of]) => of.includes(line.level))
  const texts = lines
    .filter(isShown)
    .map(one => `${toLocal(one.time)} ${one.level.toUpperCase()} ${one.task ?? ''} ${one.text}`)
  const shown = texts.filter(one => one.toLowerCase().includes(q.toLowerCase())).slice(-SHOWN_LINES)
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(texts.join('\n'))}`
  return (
    <section className="sc-card sc-card-body" aria-label="Log">
      <Group justify="space-between" mb="md">
        <h2 className="sc-card-title">Log</h2>
        <Group gap="sm">
          <Select
            value={level}
            onChange={next => next !== null && setLevel(next)}
            data={LEVELS.map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            aria-label="Level of the log"
            w={144}
            renderOption={({ option }) => (
              <span data-testid="option" data-value={option.value}>
                {option.label}
              </span>
            )}
            data-testid="log-level"
          />
          <TextInput
            value={q}
            onChange={event => setQ(event.currentTarget.value)}
            placeholder="Filter"
            aria-label="Filter the log"
            data-testid="log-filter"
          />
          <Button component="a" href={file} download={`run-${run.id}.log`}>
            Download
          </Button>
        </Group>
      </Group>
      <Stack gap={0} className="sc-log" role="log" aria-label="Lines" tabIndex={0}>
        {shown.length === 0 && <span className="sc-quiet">No lines.</span>}
        {shown.map((text, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines may be equal
          <div key={index} data-testid="run-log-line">
            {text}
          </div>
        ))}
      </Stack>
    </section>
  )
}
