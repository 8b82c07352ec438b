/**
 * One event of a job as a form: when, after which end, what it does. Used by the tab Events.
 * Invariant: fields that have no meaning for the choice are not shown.
 * Spec: ui 4.4, 5.3; backlog-replication 2.15.
 */
import { Button, Group, Select, Switch, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { JobInfo } from '../../api-v1.ts'
import type { HookDraft, HookInfo } from '../../api-v1-alerts.ts'
import { toAgo } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { channelsQuery } from './alert-queries.ts'
import { jobsQuery } from './job-queries.ts'

interface EventCardProps {
  readonly job: JobInfo
  readonly draft: HookDraft
  readonly last: HookInfo['last']
  readonly error: string | undefined
  readonly onChange: (next: HookDraft) => void
  readonly onRemove: () => void
}

const WHEN = {
  before_run: 'Before a run',
  after_run: 'After a run',
  after_task: 'After each task',
} as const
const ON = {
  always: 'However it ended',
  success: 'When it succeeded',
  problem: 'When it did not',
} as const
const KIND = {
  webhook: 'Tell a channel',
  cql: 'Run CQL on the destination',
  job: 'Run another job',
} as const
const ON_FAILURE = { stop: 'Do not start the run', continue: 'Start the run anyway' } as const

export function EventCard({ job, draft, last, error, onChange, onRemove }: EventCardProps) {
  const set = (part: Partial<HookDraft>) => onChange({ ...draft, ...part })
  const choose = <K extends 'when' | 'on' | 'kind' | 'onFailure'>(
    key: K,
    label: string,
    choices: Readonly<Record<string, string>>,
  ) => (
    <Choose
      id={key === 'onFailure' ? 'on-failure' : key}
      label={label}
      value={draft[key]}
      choices={choices}
      onChange={value =>
        set(key === 'kind' ? { kind: value as HookDraft['kind'], target: '' } : { [key]: value })
      }
    />
  )
  return (
    <section className="sc-card sc-card-body" data-testid="event-card" aria-label="Event">
      <div className="sc-form-fields">
        {choose('when', 'When', WHEN)}
        {draft.when === 'before_run'
          ? choose('onFailure', 'If it fails', ON_FAILURE)
          : choose('on', 'Ended how', ON)}
        {choose('kind', 'Do', KIND)}
        <Target job={job} draft={draft} error={error} onChange={target => set({ target })} />
      </div>
      <Group justify="space-between" gap="sm" mt="lg">
        <Switch
          label="On"
          checked={draft.enabled}
          onChange={event => set({ enabled: event.currentTarget.checked })}
          data-testid="event-on"
        />
        <Group gap="sm">
          {last !== null && (
            <span
              className="sc-quiet"
              data-testid="event-last"
              data-state={last.ok ? 'passed' : 'failed'}
            >
              {toAgo(last.time)}: {last.text}
            </span>
          )}
          <May least="standard">
            <Button onClick={onRemove} data-testid="event-remove">
              Remove
            </Button>
          </May>
        </Group>
      </Group>
    </section>
  )
}

interface TargetProps {
  readonly job: JobInfo
  readonly draft: HookDraft
  readonly error: string | undefined
  readonly onChange: (target: string) => void
}

function Target({ job, draft, error, onChange }: TargetProps) {
  const channels = useQuery(channelsQuery).data ?? []
  const jobs = useQuery(jobsQuery).data ?? []
  const told =
    error === undefined ? undefined : <span data-testid="field-target-error">{error}</span>
  if (draft.kind === 'cql') {
    return (
      <Textarea
        label="CQL"
        description="one statement; tables with their keyspace"
        className="sc-code"
        autosize
        minRows={2}
        value={draft.target}
        onChange={event => onChange(event.currentTarget.value)}
        error={told}
        data-testid="field-target"
      />
    )
  }
  const choices =
    draft.kind === 'webhook'
      ? channels.map(one => [one.id, one.name] as const)
      : jobs.filter(one => one.id !== job.id).map(one => [one.id, one.name] as const)
  const isChannel = draft.kind === 'webhook'
  const none = isChannel
    ? 'There is no channel yet: add one on the tab Alerts.'
    : 'There is no other job.'
  return (
    <Choose
      id="target"
      isNamed
      label={isChannel ? 'Channel' : 'Job'}
      value={draft.target}
      choices={Object.fromEntries(choices)}
      error={told}
      help={choices.length === 0 ? none : undefined}
      onChange={onChange}
    />
  )
}

interface ChooseProps {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly choices: Readonly<Record<string, string>>
  readonly error?: React.ReactNode
  readonly help?: string | undefined
  /** Options are known by what they show. */
  readonly isNamed?: boolean
  readonly onChange: (value: string) => void
}

function Choose({ id, label, value, choices, error, help, isNamed, onChange }: ChooseProps) {
  return (
    <Select
      label={label}
      description={help}
      value={value === '' ? null : value}
      onChange={next => next !== null && onChange(next)}
      data={Object.entries(choices).map(([key, text]) => ({ value: key, label: text }))}
      allowDeselect={false}
      error={error}
      renderOption={({ option }) => (
        <span data-testid="option" data-value={isNamed ? option.label : option.value}>
          {option.label}
        </span>
      )}
      data-testid={`field-${id}`}
    />
  )
}
