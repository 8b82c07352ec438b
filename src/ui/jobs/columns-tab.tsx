/**
 * The columns of a task: on and off, names, types, keys, order, expressions, computed columns, and what
 * the first rows become. Used by the task page.
 * Invariants: nothing is saved before the server accepted all of it; what it refuses is told in the row;
 * a change of an existing table is shown as a plan first.
 * Spec: ui 5.3, 8 (flow 4); backlog-replication 2.5.
 */
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ColumnSpec, JobInfo, SourceColumnInfo, TaskInfoV1 } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { toCounted, toDuration } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Panel, PanelError } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { type GridColumn, isUnsafe, move, newColumn, toGrid, toSpecs } from './column-model.ts'
import { ColumnRow } from './column-row.tsx'
import { columnsQuery, previewTask } from './job-queries.ts'
import { columnWords } from './job-words.ts'
import { useSaveTask } from './plan-dialog.tsx'
import { PreviewGrid, Problems } from './preview-grid.tsx'

interface ColumnsTabProps {
  readonly job: JobInfo
  readonly task: TaskInfoV1
}

export function ColumnsTab({ job, task }: ColumnsTabProps) {
  const query = useQuery(columnsQuery(job.source, task.table ?? ''))
  return (
    <Panel query={query} what="the columns">
      {source => <Columns job={job} task={task} source={source} />}
    </Panel>
  )
}

interface ColumnsProps extends ColumnsTabProps {
  readonly source: readonly SourceColumnInfo[]
}

function useGrid({ job, task, source }: ColumnsProps) {
  const [grid, setGrid] = useState(() => toGrid(task.columns, source))
  const [isDirty, keep] = useDirty(toSpecs(grid))
  const take = (columns: readonly ColumnSpec[]) => {
    const next = toGrid(columns, source)
    setGrid(next)
    keep(toSpecs(next))
  }
  const save = useSaveTask(job, task, {
    ...{ isDirty, mine: columnWords(toSpecs(grid)) },
    wordsOf: ({ columns }) => columnWords(toSpecs(toGrid(columns, source))),
    onTake: ({ columns }) => take(columns),
    onSaved: ({ columns }) => take(columns ?? []),
  })
  return { grid, setGrid, isDirty, save, take }
}

function Columns(props: ColumnsProps) {
  const { job, task, source } = props
  const { grid, setGrid, isDirty, save, take } = useGrid(props)
  const [q, setQ] = useState('')
  const preview = useMutation({
    mutationFn: () =>
      previewTask(job.id, {
        ...{ table: task.table ?? '', columns: toSpecs(grid) },
        destination: task.destination,
      }),
  })
  const mayChange = useMay('job_creator')
  const error = save.error ?? preview.error
  const errors = fieldErrors(error)
  const isElsewhere = error !== null && !grid.some(one => errors.has(one.name))
  const change = (id: string, part: Partial<GridColumn>) =>
    setGrid(all => all.map(one => (one.id === id ? { ...one, ...part } : one)))
  const shown = grid.filter(one =>
    [one.source ?? '', one.name].some(text => text.toLowerCase().includes(q.toLowerCase())),
  )
  return (
    <Stack gap="lg">
      <UnsavedGuard
        isDirty={isDirty}
        onSave={mayChange ? () => save.tryAll({ columns: toSpecs(grid) }) : undefined}
      />
      <div className="sc-toolbar">
        <TextInput
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search columns"
          data-testid="search"
          leftSection={<IconSearch size={16} stroke={1.5} />}
        />
        <span data-testid="columns-count">
          {grid.filter(one => one.on).length} of {grid.length} on
        </span>
        <Button onClick={() => setGrid(grid.map(one => ({ ...one, on: true })))}>All</Button>
        <Button onClick={() => setGrid(grid.map(one => ({ ...one, on: one.key !== 'none' })))}>
          None
        </Button>
        <Button onClick={() => setGrid([...grid, newColumn(grid)])} data-testid="column-add">
          Add column
        </Button>
        <Button onClick={() => setGrid(toGrid([], source))} data-testid="columns-reset">
          Reset to default
        </Button>
        <span className="sc-spacer" />
        <May least="job_creator">
          <Button
            loading={preview.isPending}
            onClick={() => {
              save.reset()
              preview.mutate()
            }}
            data-testid="columns-preview"
          >
            Preview
          </Button>
        </May>
        <Button onClick={() => take(task.columns)} data-testid="discard-changes">
          Discard
        </Button>
        <May least="job_creator">
          <Button
            variant="filled"
            loading={save.isPending}
            onClick={() => {
              preview.reset()
              save.start({ columns: toSpecs(grid) })
            }}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
        </May>
      </div>
      {isElsewhere && <Refused error={error} />}
      <Grid
        columns={shown}
        errors={errors}
        onChange={change}
        onMove={(id, by) =>
          setGrid(all =>
            move(
              all,
              all.findIndex(one => one.id === id),
              by,
            ),
          )
        }
        onRemove={id => setGrid(all => all.filter(one => one.id !== id))}
      />
      {preview.data !== undefined && (
        <Stack gap="md">
          <Group gap="lg">
            <strong>Before → after</strong>
            <span className="sc-quiet">
              {toCounted(preview.data.after.rows.length, 'row')} in{' '}
              {toDuration(preview.data.tookMs)}, {toCounted(preview.data.requests, 'request')}
            </span>
          </Group>
          <Problems problems={preview.data.problems} />
          {preview.data.before !== null && (
            <PreviewGrid grid={preview.data.before} testId="preview-before" />
          )}
          <PreviewGrid
            grid={preview.data.after}
            testId="preview-after"
            problems={preview.data.problems}
          />
        </Stack>
      )}
      {save.dialog}
    </Stack>
  )
}

function Refused({ error }: { readonly error: Error }) {
  const isOfField = error instanceof ApiError && error.errors.length > 0
  if (!isOfField)
    return <PanelError error={error} what="the answer" title="The change was not saved." />
  return (
    <div className="sc-banner" data-role="error" data-testid="form-errors" role="alert">
      <p>{error.message}</p>
    </div>
  )
}

function fieldErrors(error: Error | null): ReadonlyMap<string, string> {
  const all = error instanceof ApiError ? error.errors : []
  return new Map(all.map(one => [one.field, one.message]))
}

interface GridProps {
  readonly columns: readonly GridColumn[]
  readonly errors: ReadonlyMap<string, string>
  readonly onChange: (id: string, part: Partial<GridColumn>) => void
  readonly onMove: (id: string, by: -1 | 1) => void
  readonly onRemove: (id: string) => void
}

function Grid({ columns, errors, onChange, onMove, onRemove }: GridProps) {
  const hasUnsafe = columns.some(isUnsafe)
  return (
    <section className="sc-card sc-grid-scroll" aria-label="Columns" tabIndex={-1}>
      <table className="sc-grid">
        <thead>
          <tr>
            <th>On</th>
            <th>Source</th>
            <th>Source type</th>
            <th>Expression</th>
            <th>Name</th>
            <th>Type</th>
            {hasUnsafe && <th>When it does not fit</th>}
            <th>Key</th>
            <th>Order</th>
          </tr>
        </thead>
        <tbody>
          {columns.map(one => (
            <ColumnRow
              key={one.id}
              column={one}
              hasUnsafe={hasUnsafe}
              error={errors.get(one.name)}
              onChange={part => onChange(one.id, part)}
              onMove={by => onMove(one.id, by)}
              onRemove={() => onRemove(one.id)}
            />
          ))}
        </tbody>
      </table>
    </section>
  )
}
