/**
 * One property of a connection as a control. Used by the form.
 * Invariants: a secret is never shown, only that it is set and how it ends; the message of a field stands
 * below it.
 * Spec: ui 4.4, 5.2, 8 (`field-` and the label).
 */
import {
  Autocomplete,
  Button,
  PasswordInput,
  Select,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import type { PropertyInfo, SecretState } from '../../api-v1.ts'
import { toFieldId } from './connection-model.ts'

interface ConnectionFieldProps {
  readonly property: PropertyInfo
  readonly value: string | boolean
  readonly error: string | undefined
  /** Of a saved connection. */
  readonly secret?: SecretState | undefined
  /** To choose from; other texts are allowed. */
  readonly suggestions?: readonly string[] | undefined
  readonly onChange: (value: string | boolean) => void
}

export function ConnectionField(props: ConnectionFieldProps) {
  const { property, value, onChange, suggestions } = props
  const common = commonProps(props)
  const text = String(value)
  if (property.type === 'boolean') {
    return (
      <Switch
        {...common}
        checked={value === true}
        onChange={event => onChange(event.currentTarget.checked)}
      />
    )
  }
  if (property.type === 'secret') return <SecretField {...props} />
  if (property.type === 'choice') {
    return (
      <Select
        {...common}
        value={text}
        onChange={next => next !== null && onChange(next)}
        data={[...(property.choices ?? [])]}
        allowDeselect={false}
        renderOption={({ option }) => (
          <span data-testid="option" data-value={option.value}>
            {option.label}
          </span>
        )}
      />
    )
  }
  if (property.type === 'lines') {
    return (
      <Textarea
        {...common}
        value={text}
        onChange={event => onChange(event.currentTarget.value)}
        minRows={4}
        autosize
      />
    )
  }
  if (suggestions !== undefined && suggestions.length > 0)
    return <Autocomplete {...common} value={text} onChange={onChange} data={[...suggestions]} />
  return (
    <TextInput
      {...common}
      value={text}
      onChange={event => onChange(event.currentTarget.value)}
      {...(property.type === 'number' ? { inputMode: 'numeric' as const } : {})}
    />
  )
}

function SecretField(props: ConnectionFieldProps) {
  const { secret, value, onChange } = props
  const [isReplaced, setIsReplaced] = useState(false)
  const common = commonProps(props)
  if (secret?.set === true && !isReplaced) {
    return (
      <TextInput
        {...common}
        value={shownSecret(secret)}
        readOnly
        rightSectionWidth={88}
        rightSection={
          <Button size="compact-sm" onClick={() => setIsReplaced(true)}>
            Replace
          </Button>
        }
      />
    )
  }
  return (
    <PasswordInput
      {...common}
      value={String(value)}
      onChange={event => onChange(event.currentTarget.value)}
      autoComplete="off"
    />
  )
}

/** A reference to a named secret is shown as it was written. */
function shownSecret({ hint = '' }: SecretState): string {
  return hint.startsWith('$') ? hint : `•••• set, ends in ${hint.replace('…', '')}`
}

function commonProps({ property, error }: ConnectionFieldProps) {
  const { label, help, required } = property
  const id = `field-${toFieldId(label)}`
  return {
    label: (
      <>
        {label}
        {required && <span className="sc-quiet"> (required)</span>}
      </>
    ),
    description: help,
    error: error === undefined ? undefined : <span data-testid={`${id}-error`}>{error}</span>,
    'data-testid': id,
  }
}
