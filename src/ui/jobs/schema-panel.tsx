/**
 * Changes of the source's schema that runs of a job found: what waits is approved or ignored here, with the
 * statements that would run. Used by the tab Overview.
 * Invariant: a table is dropped for a change after its name was typed alone.
 * Spec: ui 5.3, 4.5; backlog-replication 2.11.
 */
import { Button, Group } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo, List, SchemaApproval, SchemaChange } from '../../api-v1.ts'
import { call, part } from '../api-client.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAgo } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'

const VERBS = { add: 'Add column', v2: 'Fill a new column', reload: 'Reload table…' } as const
const STATES = {
  ...{ pending: 'waits', applied: 'approved', ignored: 'left out' },
  kept: 'kept, not written',
} as const

const pathOf = (job: string) => `/api/v1/jobs/${part(job)}/schema-changes`

/** Nothing to show while nothing changed. */
export function SchemaPanel({ job }: { readonly job: JobInfo }) {
  const queryKey = ['jobs', job.id, 'schema-changes', job.lastRun?.id ?? '', job.version]
  const query = useQuery({
    queryKey,
    queryFn: () => call<List<SchemaChange>>('GET', pathOf(job.id)),
    placeholderData: known => known,
  })
  const changes = query.data?.items ?? []
  if (changes.length === 0) return null
  return (
    <section className="sc-card" data-testid="schema-changes" aria-label="Schema changes">
      <div className="sc-card-body">
        <h2 className="sc-label">Schema changes of the source</h2>
      </div>
      <div className="sc-grid-scroll">
        <table className="sc-grid">
          <ColumnHeads columns={['Change', 'Found', 'State', 'Decide']} />
          <tbody>
            {changes.map(one => (
              <tr key={one.id} data-testid="schema-change" data-key={one.column ?? one.table}>
                <td>
                  {one.text}
                  {one.ways.map(({ how, ddl }) => (
                    <pre className="sc-quiet sc-mono" key={how}>
                      {ddl.join(';\n')}
                    </pre>
                  ))}
                </td>
                <td>{toAgo(one.foundAt)}</td>
                <td data-testid="schema-change-state">{STATES[one.state]}</td>
                <td>{one.state === 'pending' && <Acts job={job} change={one} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Acts({ job, change }: { readonly job: JobInfo; readonly change: SchemaChange }) {
  const [isAsked, setIsAsked] = useState(false)
  const client = useQueryClient()
  const decide = useMutation({
    mutationFn: (approval: SchemaApproval | undefined) =>
      call<SchemaChange>(
        'POST',
        `${pathOf(job.id)}/${part(change.id)}/${approval === undefined ? 'ignore' : 'approve'}`,
        approval ?? {},
      ),
    onSuccess: ({ state }) =>
      toastDone(
        state === 'applied' ? 'The next run takes the change up.' : 'The change is left out.',
      ),
    onError: error => toastProblem('The change was not decided', error),
    onSettled: () => {
      setIsAsked(false)
      return client.invalidateQueries({ queryKey: ['jobs'] })
    },
  })
  const table = job.tasks.find(one => one.id === change.taskId)?.destination ?? change.table
  const start = (how: SchemaApproval['how'] & string) =>
    how === 'reload' ? setIsAsked(true) : decide.mutate({ how })
  return (
    <May least="job_creator">
      <Group gap="sm">
        {change.ways.map(({ how }) => (
          <Button
            key={how}
            size="compact-sm"
            loading={decide.isPending}
            onClick={() => start(how)}
            data-testid="schema-approve"
            data-key={how}
          >
            {VERBS[how]}
          </Button>
        ))}
        <Button
          size="compact-sm"
          loading={decide.isPending}
          onClick={() => decide.mutate(undefined)}
          data-testid="schema-ignore"
        >
          Ignore
        </Button>
      </Group>
      <TypeConfirmDialog
        opened={isAsked}
        title={`Drop and reload ${table}?`}
        text="The next run drops the table and loads it again. Readers see an empty table meanwhile; rows that others wrote are lost."
        name={table}
        verb="Drop and reload"
        busy={decide.isPending}
        onConfirm={() => decide.mutate({ how: 'reload', confirm: table })}
        onClose={() => setIsAsked(false)}
      />
    </May>
  )
}
