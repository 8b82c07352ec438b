/**
 * Add Tasks: the tables of the source to choose from, with what their first load asks of it, and a look
 * at the first rows. Opened by the tab Task.
 * Spec: ui 5.3, 8 (flow 3); backlog-replication 2.4.
 */
import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo, SourceTableInfo } from '../../api-v1.ts'
import { toCounted } from '../parts/format.ts'
import { Panel, PanelError } from '../parts/panel.tsx'
import { addTasks, previewTask, tablesQuery, useJobChange } from './job-queries.ts'
import { PreviewGrid } from './preview-grid.tsx'

interface AddTasksDialogProps {
  readonly job: JobInfo
  readonly onClose: () => void
}

const KINDS = [
  ['', 'All'],
  ['table', 'Only tables'],
  ['extra', 'Only views'],
] as const

const KIND_TEXT = { table: 'table', derived: 'from', extra: 'view' } as const

export function AddTasksDialog({ job, onClose }: AddTasksDialogProps) {
  const query = useQuery(tablesQuery(job.source))
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add Tasks"
      size={960}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-tasks"
    >
      <Panel query={query} what="the tables">
        {tables => <Choose job={job} tables={tables} onClose={onClose} />}
      </Panel>
    </Modal>
  )
}

interface ChooseProps extends AddTasksDialogProps {
  readonly tables: readonly SourceTableInfo[]
}

function Choose({ job, tables, onClose }: ChooseProps) {
  const [q, setQ] = useState('')
  const [kind, setKind] = useState('')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const added = new Set(job.tasks.map(one => one.table))
  const add = useJobChange((names: readonly string[]) =>
    addTasks(
      job.id,
      names.map(table => ({ table })),
    ),
  )
  const shown = tables.filter(
    one =>
      !added.has(one.name) &&
      one.name.toLowerCase().includes(q.toLowerCase()) &&
      (kind === '' || (kind === 'table' ? one.kind === 'table' : one.kind !== 'table')),
  )
  const choose = (names: readonly string[], isOn: boolean) =>
    setChosen(
      before => new Set([...before].filter(one => !names.includes(one)).concat(isOn ? names : [])),
    )
  return (
    <Stack gap="md">
      <div className="sc-toolbar">
        <TextInput
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search tables"
          leftSection={<IconSearch size={16} stroke={1.5} />}
          data-testid="tasks-search"
          data-autofocus
        />
        <fieldset className="sc-filters" aria-label="Kind">
          {KINDS.map(([key, word]) => (
            <button
              key={key}
              type="button"
              aria-pressed={kind === key}
              onClick={() => setKind(key)}
            >
              {word}
            </button>
          ))}
        </fieldset>
      </div>
      <Options tables={shown} chosen={chosen} job={job} onChoose={choose} />
      {add.error !== null && (
        <PanelError error={add.error} what="the answer" title="The tasks were not added." />
      )}
      <Group justify="space-between" gap="sm">
        <span data-testid="tasks-estimate">
          {estimate(tables.filter(one => chosen.has(one.name)))}
        </span>
        <Group gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant="filled"
            disabled={chosen.size === 0}
            loading={add.isPending}
            onClick={() => add.mutate([...chosen], { onSuccess: onClose })}
            data-testid="tasks-add-confirm"
          >
            Add Tasks
          </Button>
        </Group>
      </Group>
    </Stack>
  )
}

interface OptionsProps {
  readonly job: JobInfo
  readonly tables: readonly SourceTableInfo[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (names: readonly string[], isOn: boolean) => void
}

function Options({ job, tables, chosen, onChoose }: OptionsProps) {
  const [shown, setShown] = useState<string | undefined>()
  const names = tables.map(one => one.name)
  return (
    <>
      <section className="sc-card sc-tables" aria-label="Tables" tabIndex={-1}>
        <table className="sc-grid">
          <thead>
            <tr>
              <th>
                <Checkbox
                  aria-label={`All ${names.length} tables`}
                  checked={names.length > 0 && names.every(one => chosen.has(one))}
                  onChange={event => onChoose(names, event.currentTarget.checked)}
                  data-testid="tasks-all"
                />
              </th>
              <th>Table</th>
              <th>Kind</th>
              <th>Requests</th>
              <th>Changes by</th>
              <th>
                <span className="sc-hidden">Preview</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tables.map(one => (
              <tr key={one.name}>
                <td width={40}>
                  <Checkbox
                    aria-label={one.name}
                    checked={chosen.has(one.name)}
                    onChange={event => onChoose([one.name], event.currentTarget.checked)}
                    data-testid="task-option"
                    data-key={one.name}
                  />
                </td>
                <td>
                  <span title={one.description}>{one.name}</span>
                </td>
                <td>
                  {KIND_TEXT[one.kind]} {one.parent ?? ''}
                </td>
                <td>{one.requests}</td>
                <td className="sc-mono">{one.method}</td>
                <td width={96}>
                  <Button
                    size="compact-sm"
                    variant="subtle"
                    aria-label={`Preview ${one.name}`}
                    onClick={() => setShown(one.name)}
                    data-testid="table-preview"
                  >
                    Preview
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown !== undefined && <FirstRows key={shown} job={job} table={shown} />}
    </>
  )
}

function FirstRows({ job, table }: { readonly job: JobInfo; readonly table: string }) {
  const query = useQuery({
    queryKey: ['first-rows', job.id, table],
    queryFn: () => previewTask(job.id, { table }),
    staleTime: 60_000,
  })
  const look = useMutation({ mutationFn: () => query.refetch() })
  return (
    <section aria-label={`First rows of ${table}`}>
      <Group justify="space-between" mb="sm">
        <strong>{table}, first rows</strong>
        <Button size="compact-sm" loading={look.isPending} onClick={() => look.mutate()}>
          Read again
        </Button>
      </Group>
      <Panel query={query} what={`the first rows of ${table}`}>
        {preview => <PreviewGrid grid={preview.before ?? preview.after} testId="first-rows" />}
      </Panel>
    </section>
  )
}

function estimate(chosen: readonly SourceTableInfo[]): string {
  if (chosen.length === 0) return 'Choose one or more tables.'
  const costs = [...new Set(chosen.map(one => one.requests).filter(one => one !== '0'))]
  const words = costs.map(one => (one === '1' ? 'one request' : one))
  const cost = words.length === 0 ? 'no requests of their own' : words.join(', ')
  return `${toCounted(chosen.length, 'table')}; first load: ${cost}.`
}
