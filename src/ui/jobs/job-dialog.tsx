/**
 * Add Job: name, source, destination, type. Opened by the list of jobs.
 * Invariant: every mistake is told at its field, and nothing is made.
 * Spec: ui 5.3, 8 (flow 3); backlog-replication 2.3.
 */
import { Button, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ConnectionInfo, JobType } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { Panel, PanelError } from '../parts/panel.tsx'
import { addJob, useJobChange } from './job-queries.ts'

interface JobDialogProps {
  /** Id of a connection to begin with. */
  readonly first: string | undefined
  readonly onClose: () => void
}

export function JobDialog({ first, onClose }: JobDialogProps) {
  const query = useQuery(connectionsQuery)
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add Job"
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-job"
    >
      <Panel query={query} what="the connections">
        {all => <JobForm connections={all} first={first} onClose={onClose} />}
      </Panel>
    </Modal>
  )
}

interface Draft {
  name: string
  source: string
  destination: string
  type: JobType
}

interface JobFormProps extends JobDialogProps {
  readonly connections: readonly ConnectionInfo[]
}

function JobForm({ connections, first, onClose }: JobFormProps) {
  const navigate = useNavigate()
  const sources = connections.filter(one => one.direction !== 'destination')
  const destinations = connections.filter(one => one.direction !== 'source')
  const start = connections.find(one => one.id === first)
  const form = useForm<Draft>({
    initialValues: {
      name: '',
      source: start?.connector === 'backlog' ? start.id : '',
      destination: start?.connector === 'cassandra' ? start.id : '',
      type: 'standard',
    },
    validate: {
      name: value => (value.trim() === '' ? 'Name is missing.' : null),
      source: value => (value === '' ? 'Choose where the rows come from.' : null),
      destination: value => (value === '' ? 'Choose where the rows go.' : null),
    },
  })
  const add = useJobChange((draft: Draft) => addJob(draft))
  const submit = form.onSubmit(draft =>
    add.mutate(draft, {
      onSuccess: job =>
        void navigate({ to: '/jobs/$id/$tab', params: { id: job.id, tab: 'task' } }),
      onError: error => {
        for (const one of error instanceof ApiError ? error.errors : [])
          form.setFieldError(one.field, one.message)
      },
    }),
  )
  const at = (key: 'name' | 'source' | 'destination') => ({
    ...form.getInputProps(key),
    'data-testid': `field-${key}`,
    error:
      form.errors[key] === undefined ? undefined : (
        <span data-testid={`field-${key}-error`}>{form.errors[key]}</span>
      ),
  })
  const isAtField = add.error instanceof ApiError && add.error.errors.length > 0
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="lg">
        <TextInput label="Name" data-autofocus {...at('name')} />
        <Choice label="Source" from={sources} props={at('source')} />
        <Choice label="Destination" from={destinations} props={at('destination')} />
        <div>
          <span className="sc-label" id="job-type">
            Type
          </span>
          <SegmentedControl
            fullWidth
            aria-labelledby="job-type"
            value={form.values.type}
            onChange={type => form.setFieldValue('type', type as JobType)}
            data-testid="field-type"
            data={TYPES.map(([value, text]) => ({
              value,
              label: (
                <span data-testid="option" data-value={value.replace('_', '-')}>
                  {text}
                </span>
              ),
            }))}
          />
        </div>
        {add.error !== null && !isAtField && (
          <PanelError error={add.error} what="the answer" title="The job was not added." />
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="filled" type="submit" loading={add.isPending} data-testid="job-create">
            Add Job
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

const TYPES = [
  ['standard', 'Standard: pick tables'],
  ['sync_all', 'Sync all: every table'],
] as const

interface ChoiceProps {
  readonly label: string
  readonly from: readonly ConnectionInfo[]
  readonly props: object
}

function Choice({ label, from, props }: ChoiceProps) {
  return (
    <Select
      label={label}
      description={
        from.length === 0 ? (
          <>
            There is none yet. <Link to="/connections">Add a connection</Link>
          </>
        ) : undefined
      }
      data={from.map(one => ({ value: one.id, label: one.name }))}
      allowDeselect={false}
      renderOption={({ option }) => (
        <span data-testid="option" data-value={option.label}>
          {option.label}
        </span>
      )}
      {...props}
    />
  )
}
