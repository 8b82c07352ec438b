/**
 * One column in the grid: switch, expression, name, type, key and place. Used by the tab Columns.
 * Invariant: a type that cannot hold every value asks what happens then.
 * Spec: ui 8 (flow 4); backlog-replication 2.5.
 */
import { ActionIcon, Checkbox, Group, NativeSelect, TextInput } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import type { ColumnSpec, KeyRole } from '../../api-v1.ts'
import { type GridColumn, isUnsafe, TYPES_OF_CQL } from './column-model.ts'

interface ColumnRowProps {
  readonly column: GridColumn
  readonly hasUnsafe: boolean
  readonly error: string | undefined
  readonly onChange: (part: Partial<GridColumn>) => void
  readonly onMove: (by: -1 | 1) => void
  readonly onRemove: () => void
}

const KEYS: readonly (readonly [KeyRole, string])[] = [
  ['none', '–'],
  ['partition', 'partition'],
  ['clustering_asc', 'clustering ↑'],
  ['clustering_desc', 'clustering ↓'],
]

const ON_ERROR: readonly (readonly [NonNullable<ColumnSpec['onError']> | '', string])[] = [
  ['', 'choose…'],
  ['null', 'write null'],
  ['fail_row', 'reject the row'],
  ['fail_task', 'fail the task'],
]

export function ColumnRow(props: ColumnRowProps) {
  const { column, hasUnsafe, error, onChange, onMove, onRemove } = props
  const { on, source, expression, name, type, key } = column
  const label = source ?? name
  const types = [...new Set([type, ...column.safeTypes, ...TYPES_OF_CQL])]
  return (
    <tr
      data-testid="column-row"
      data-key={label}
      data-state={error === undefined ? 'ok' : 'failed'}
    >
      <td width={40}>
        <Checkbox
          aria-label={`${label} is on`}
          checked={on}
          onChange={event => onChange({ on: event.currentTarget.checked })}
          data-testid="column-on"
        />
      </td>
      <td className="sc-mono">{source ?? <span className="sc-quiet">computed</span>}</td>
      <td className="sc-quiet">{column.sourceType}</td>
      <td>
        <TextInput
          aria-label={`Expression of ${label}`}
          value={expression ?? ''}
          placeholder={source ?? 'SQL, such as upper(Summary)'}
          onChange={event => {
            const text = event.currentTarget.value
            onChange({ expression: text === '' && source !== null ? null : text })
          }}
          classNames={{ input: 'sc-mono' }}
          data-testid="column-expression"
        />
      </td>
      <td>
        <TextInput
          aria-label={`Name of ${label}`}
          value={name}
          onChange={event => onChange({ name: event.currentTarget.value })}
          classNames={{ input: 'sc-mono' }}
          data-testid="column-name"
          error={error === undefined ? undefined : <span data-testid="column-error">{error}</span>}
        />
      </td>
      <td>
        <NativeSelect
          aria-label={`Type of ${label}`}
          value={type}
          data={types}
          onChange={event => onChange({ type: event.currentTarget.value })}
          data-testid="column-type"
        />
      </td>
      {hasUnsafe && (
        <td>
          {isUnsafe(column) && (
            <NativeSelect
              aria-label={`When ${label} does not fit`}
              value={column.onError ?? ''}
              data={ON_ERROR.map(([value, text]) => ({ value, label: text }))}
              onChange={event => onChange(onErrorOf(event.currentTarget.value))}
              data-testid="column-on-error"
            />
          )}
        </td>
      )}
      <td>
        <NativeSelect
          aria-label={`Key role of ${label}`}
          value={key}
          data={KEYS.map(([value, text]) => ({ value, label: text }))}
          onChange={event => onChange({ key: event.currentTarget.value as KeyRole })}
          data-testid="column-key"
        />
      </td>
      <td>
        <Group gap={0} wrap="nowrap">
          <ActionIcon
            aria-label={`Move ${label} up`}
            onClick={() => onMove(-1)}
            data-testid="column-up"
          >
            <IconArrowUp size={16} stroke={1.5} />
          </ActionIcon>
          <ActionIcon
            aria-label={`Move ${label} down`}
            onClick={() => onMove(1)}
            data-testid="column-down"
          >
            <IconArrowDown size={16} stroke={1.5} />
          </ActionIcon>
          {source === null && (
            <ActionIcon
              aria-label={`Remove ${label}`}
              onClick={onRemove}
              data-testid="column-remove"
            >
              <IconTrash size={16} stroke={1.5} />
            </ActionIcon>
          )}
        </Group>
      </td>
    </tr>
  )
}

/** Empty: not chosen. */
function onErrorOf(value: string): Partial<GridColumn> {
  return { onError: value as NonNullable<ColumnSpec['onError']> }
}
