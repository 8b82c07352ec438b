/**
 * How long runs are kept with their logs and rejected rows, how much room they may take, and where old ones
 * go. A tab of the settings, for administrators.
 * Invariant: what an option of the start command says is shown and not changed here.
 * Spec: ui 5.7; backlog-replication 2.13.
 */
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { RetentionInfo, RetentionSpec } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { Panel, PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { putRetention, retentionQuery } from './settings-queries.ts'

const MEGABYTE = 1_000_000

export function HistoryTab() {
  return (
    <Panel query={useQuery(retentionQuery)} what="the retention">
      {found => <Retention key={settingsOf(found)} now={found} />}
    </Panel>
  )
}

/** Other settings begin the form anew; what the history takes meanwhile does not. */
function settingsOf({ days, gigabytes, archive, fixed }: RetentionInfo): string {
  return JSON.stringify([days, gigabytes, archive, fixed])
}

function Retention({ now }: { readonly now: RetentionInfo }) {
  const client = useQueryClient()
  const form = useForm({
    initialValues: {
      days: String(now.days),
      gigabytes: String(now.gigabytes),
      archive: now.archive,
    },
  })
  const save = useMutation({
    mutationFn: ({ days, gigabytes, archive }: typeof form.values) => {
      const spec: RetentionSpec = {
        ...{ days: toNumber(days), gigabytes: toNumber(gigabytes), archive: archive.trim() },
      }
      return putRetention(spec)
    },
    onSuccess: next => {
      toastDone('The retention of the history was saved.')
      client.setQueryData(retentionQuery.queryKey, next)
    },
    onError: error => {
      for (const one of error instanceof ApiError ? error.errors : [])
        form.setFieldError(one.field, one.message)
    },
  })
  const field = (key: keyof RetentionSpec, label: string, help: string) => (
    <TextInput
      label={label}
      description={now.fixed.includes(key) ? 'set by an option of the start command' : help}
      disabled={now.fixed.includes(key)}
      {...form.getInputProps(key)}
      data-testid={`field-${key}`}
      error={
        form.errors[key] === undefined ? undefined : (
          <span data-testid={`field-${key}-error`}>{form.errors[key]}</span>
        )
      }
    />
  )
  const other = save.error instanceof ApiError && save.error.errors.length === 0 ? save.error : null
  return (
    <form
      noValidate
      className="sc-form"
      onSubmit={form.onSubmit(values => save.mutate(values))}
      aria-label="History"
    >
      <UnsavedGuard isDirty={form.isDirty()} />
      <div className="sc-card sc-card-body">
        <Stack gap="lg">
          <p className="sc-lead" data-testid="history-size">
            Runs, their logs and rejected rows take about {Math.ceil(now.bytes / MEGABYTE)} MB. What
            is too old or too much goes, the oldest first; the last 20 runs of each job stay.
          </p>
          {field('days', 'Days', 'also of notices, alerts and the audit trail')}
          {field('gigabytes', 'Gigabytes', 'of runs with their logs, in all')}
          {field(
            'archive',
            'Archive',
            'a folder of the server, where runs are written to before they go; empty: they are not kept',
          )}
          {other !== null && (
            <PanelError error={other} what="the answer" title="The change was not saved." />
          )}
          <Group justify="flex-end">
            <Button
              variant="filled"
              type="submit"
              loading={save.isPending}
              disabled={!form.isDirty()}
              data-testid="save-changes"
            >
              Save Changes
            </Button>
          </Group>
        </Stack>
      </div>
    </form>
  )
}

/** An empty field is no 0; what is no number is refused by the server. */
function toNumber(text: string): number {
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? -1 : value
}
