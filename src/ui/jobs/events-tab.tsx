/**
 * Events of a job: what is done before a run, after it and after each task. Used by the job page.
 * Invariant: nothing is saved before all events of the form are right; each tells how it went last.
 * Spec: ui 5.3; backlog-replication 2.15.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import type { HookDraft, HookInfo } from '../../api-v1-alerts.ts'
import { ApiError } from '../api-client.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel, PanelError } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { hooksQuery, putHooks } from './alert-queries.ts'
import { EventCard } from './event-card.tsx'

const NEW: HookDraft = {
  ...{ when: 'after_run', on: 'always', kind: 'cql', target: '', onFailure: 'stop' },
  enabled: true,
}

export function EventsTab({ job }: { readonly job: JobInfo }) {
  const query = useQuery(hooksQuery(job.id))
  return (
    <Panel query={query} what="the events">
      {known => <Events key={known.map(one => one.id).join()} job={job} known={known} />}
    </Panel>
  )
}

interface EventsProps {
  readonly job: JobInfo
  readonly known: readonly HookInfo[]
}

function Events({ job, known }: EventsProps) {
  const [drafts, setDrafts] = useState<readonly HookDraft[]>(known.map(toDraft))
  const client = useQueryClient()
  const save = useMutation({
    mutationFn: () => putHooks(job.id, drafts),
    onSuccess: ({ items }) => {
      client.setQueryData(hooksQuery(job.id).queryKey, items)
      toastDone(`The events of ${job.name} were saved.`)
    },
  })
  const errors = save.error instanceof ApiError ? save.error.errors : []
  const isDirty = JSON.stringify(drafts) !== JSON.stringify(known.map(toDraft))
  const mayChange = useMay('standard')
  const saveAll = () =>
    save.mutateAsync().then(
      () => true,
      () => false,
    )
  const add = (
    <May least="standard">
      <Button onClick={() => setDrafts([...drafts, NEW])} data-testid="event-add">
        Add an event
      </Button>
    </May>
  )
  return (
    <Stack gap="lg">
      <UnsavedGuard isDirty={isDirty} onSave={mayChange ? saveAll : undefined} />
      {drafts.length === 0 && (
        <div className="sc-card">
          <Empty text="An event tells a webhook, runs a CQL statement on the destination, or runs another job, before or after a run.">
            {add}
          </Empty>
        </div>
      )}
      {drafts.map((draft, index) => (
        <EventCard
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no name of their own before they are saved
          key={index}
          job={job}
          draft={draft}
          last={known.find(one => one.id === draft.id)?.last ?? null}
          error={errors.find(one => one.field.startsWith(`items.${index}.`))?.message}
          onChange={next => setDrafts(drafts.with(index, next))}
          onRemove={() => setDrafts(drafts.toSpliced(index, 1))}
        />
      ))}
      {save.error !== null && errors.length === 0 && (
        <PanelError error={save.error} what="the answer" title="The change was not saved." />
      )}
      {(drafts.length > 0 || isDirty) && (
        <Group justify="space-between" gap="sm">
          {drafts.length > 0 ? add : <span />}
          <May least="standard">
            <Button
              variant="filled"
              loading={save.isPending}
              disabled={!isDirty}
              onClick={() => save.mutate()}
              data-testid="save-changes"
            >
              Save Changes
            </Button>
          </May>
        </Group>
      )}
    </Stack>
  )
}

function toDraft({ last: _told, ...draft }: HookInfo): HookDraft {
  return draft
}
