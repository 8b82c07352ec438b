/**
 * One setting as a control: switch, list of tags, secret, choice or text. Used by the form.
 * Invariants: numbers stay text; an empty control means the key is not given; the real key is always
 * on screen.
 * Spec: ui 5.4 (type, recommended values, errors), 8 (`field-` and the exact key).
 */
import { Autocomplete, PasswordInput, Switch, TagsInput, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { FormField } from './form-model.ts'

interface FormFieldProps {
  readonly field: FormField
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
}

export function ConfigField({ field, value, onChange }: FormFieldProps) {
  const { definition } = field
  const common = commonProps(field)
  const change = (text: string) => onChange(text === '' ? undefined : text)
  if (definition.type === 'BOOLEAN') {
    const { placeholder: _none, ...rest } = common
    return (
      <Switch
        {...rest}
        checked={(value ?? definition.default_value) === 'true'}
        onChange={event => onChange(String(event.currentTarget.checked))}
      />
    )
  }
  if (definition.type === 'LIST') {
    return (
      <TagsInput
        {...common}
        value={tagsOf(value)}
        onChange={tags => change(tags.join(','))}
        data={[...field.recommended]}
        splitChars={[',']}
        acceptValueOnBlur
      />
    )
  }
  if (definition.type === 'PASSWORD') {
    return (
      <PasswordInput
        {...common}
        value={value ?? ''}
        onChange={event => change(event.currentTarget.value)}
        autoComplete="off"
      />
    )
  }
  if (field.recommended.length > 0) {
    return (
      <Autocomplete
        {...common}
        value={value ?? ''}
        onChange={change}
        data={[...field.recommended]}
      />
    )
  }
  const isNumber = ['INT', 'SHORT', 'LONG', 'DOUBLE'].includes(definition.type)
  return (
    <TextInput
      {...common}
      value={value ?? ''}
      onChange={event => change(event.currentTarget.value)}
      {...(isNumber ? { inputMode: 'decimal' as const } : {})}
    />
  )
}

function commonProps({ definition, errors }: FormField) {
  const { name, display_name: label, default_value: preset, required, documentation } = definition
  const title = label === name ? <span className="sc-mono">{name}</span> : label
  return {
    label: (
      <>
        {title}
        {required && <span className="sc-quiet"> (required)</span>}
      </>
    ) as ReactNode,
    description: (
      <>
        {label !== name && <span className="sc-mono">{name} · </span>}
        {firstSentence(documentation)}
      </>
    ) as ReactNode,
    placeholder: preset === null || preset === '' ? '' : `default: ${preset}`,
    error:
      errors.length === 0 ? undefined : (
        <span data-testid={`field-${name}-error`}>{errors.join(' ')}</span>
      ),
    'data-testid': `field-${name}`,
  }
}

function tagsOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '')
}

function firstSentence(text: string): string {
  const end = text.search(/[.!?](?:\s|$)/)
  return end === -1 ? text : text.slice(0, end + 1)
}
