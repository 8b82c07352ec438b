/**
 * Where the changes of a new channel come from and go to, and how. Used by the dialog.
 * Invariant: a table is offered of its keyspace only; a choice that changes takes back what hung on it.
 * Spec: ui 5.5, 8 (flow 12).
 */
import { Button, SegmentedControl, Select, Switch, TextInput } from '@mantine/core'
import type { CaptureSource } from '../../api-v1-capture.ts'
import type { CaptureView } from './capture-view.ts'
import type { ChannelForm, ChannelProblems } from './channel-form.ts'

interface OptionsProps {
  readonly form: ChannelForm
  readonly errors: ChannelProblems
  readonly change: (next: Partial<ChannelForm>) => void
}

interface FieldsProps extends OptionsProps {
  readonly view: CaptureView
  readonly source: CaptureSource
  readonly onAddDestination: () => void
}

export function ChannelFields(props: FieldsProps) {
  const { form, errors, change, view, source, onAddDestination } = props
  const { tables } = source
  const keyspaces = [...new Set(tables.map(one => one.keyspace))]
  const own = tables.filter(one => one.keyspace === form.sourceKeyspace)
  const hasNone = view.overview.destinations.length === 0
  return (
    <div className="sc-form-fields">
      <Choice
        label="Data center id"
        testId="field-data-center-id"
        value={form.dataCenterId}
        data={source.dataCenterIds.map(toOption)}
        error={errors['dataCenterId']}
        onChange={dataCenterId => change({ dataCenterId })}
      />
      <div>
        <Choice
          label="Destination"
          testId="field-destination"
          value={form.destination}
          data={view.overview.destinations.map(one => toOption(one.name))}
          error={errors['destination']}
          onChange={destination => change({ destination, topic: undefined })}
        />
        <Button
          variant={hasNone ? 'filled' : 'subtle'}
          size="compact-sm"
          mt="xs"
          onClick={onAddDestination}
          data-testid="destination-add"
        >
          + Create destination
        </Button>
      </div>
      <Choice
        label="Source keyspace"
        testId="field-source-keyspace"
        value={form.sourceKeyspace}
        data={keyspaces.map(toOption)}
        error={errors['sourceKeyspace']}
        onChange={sourceKeyspace => change({ sourceKeyspace, sourceTable: '', topic: undefined })}
      />
      <Choice
        label="Source table"
        testId="field-source-table"
        value={form.sourceTable}
        data={own.map(({ table }) => toOption(table))}
        error={errors['sourceTable']}
        onChange={sourceTable => change({ sourceTable, topic: undefined })}
      />
    </div>
  )
}

function toOption(name: string) {
  return { value: name, label: name }
}

interface ChoiceProps {
  readonly label: string
  readonly testId: string
  readonly value: string
  readonly data: { value: string; label: string }[]
  readonly error: string | undefined
  readonly onChange: (value: string) => void
}

function Choice({ label, testId, value, data, error, onChange }: ChoiceProps) {
  return (
    <Select
      label={label}
      data={data}
      value={value === '' ? null : value}
      onChange={next => next !== null && onChange(next)}
      searchable
      allowDeselect={false}
      placeholder={data.length === 0 ? 'none yet' : 'choose'}
      nothingFoundMessage="Nothing of that name"
      renderOption={({ option }) => (
        <span data-testid="option" data-value={option.value}>
          <bdi>{option.label}</bdi>
        </span>
      )}
      data-testid={testId}
      error={error === undefined ? undefined : <span data-testid={`${testId}-error`}>{error}</span>}
    />
  )
}

const ORDERS = [
  ['FIFO', 'FIFO: oldest first'],
  ['LIFO', 'LIFO: newest first'],
] as const
const STARTS = [
  ['now', 'From now'],
  ['rows', 'Copy existing rows first'],
] as const

export function ChannelOptions({ form, errors, change }: OptionsProps) {
  return (
    <div className="sc-form-fields">
      <Segments
        label="Start"
        testId="field-start"
        value={form.copiesRows ? 'rows' : 'now'}
        data={STARTS}
        onChange={start => change({ copiesRows: start === 'rows' })}
      />
      <Segments
        label="Order"
        testId="field-order"
        value={form.order}
        data={ORDERS}
        onChange={order => change({ order: order === 'LIFO' ? 'LIFO' : 'FIFO' })}
      />
      <TextInput
        label="Priority"
        description="Of the channels that wait, 1 goes first."
        inputMode="numeric"
        value={form.priority}
        onChange={event => change({ priority: event.currentTarget.value })}
        data-testid="field-priority"
        error={
          errors['priority'] === undefined ? undefined : (
            <span data-testid="field-priority-error">{errors['priority']}</span>
          )
        }
      />
      <div className="sc-stack">
        <Switch
          label="Collection"
          checked={form.collectionEnabled}
          onChange={event => change({ collectionEnabled: event.currentTarget.checked })}
          data-testid="field-collection"
        />
        <Switch
          label="Transmission"
          checked={form.transmissionEnabled}
          onChange={event => change({ transmissionEnabled: event.currentTarget.checked })}
          data-testid="field-transmission"
        />
      </div>
    </div>
  )
}

interface SegmentsProps {
  readonly label: string
  readonly testId: string
  readonly value: string
  readonly data: readonly (readonly [string, string])[]
  readonly onChange: (value: string) => void
}

function Segments({ label, testId, value, data, onChange }: SegmentsProps) {
  return (
    <div>
      <span className="sc-label" id={`${testId}-label`}>
        {label}
      </span>
      <SegmentedControl
        fullWidth
        aria-labelledby={`${testId}-label`}
        value={value}
        onChange={onChange}
        data-testid={testId}
        data={data.map(([key, text]) => ({
          value: key,
          label: (
            <span data-testid="option" data-value={key}>
              {text}
            </span>
          ),
        }))}
      />
    </div>
  )
}
