/**
 * One setting as a control: switch, list of tags, secret, choice or text. Used by the form.
 * Invariants: numbers stay text; an empty control means the key is not given; the real key is always
 * on screen.
 * Spec: ui 5.4 (type, recommended values, errors), 8 (`field-` and the exact key).
 */
import { Autocomplete, Button, PasswordInput, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { topicsQuery } from '../data/data-queries.ts'
import { SERVES_DATA } from '../parts/served.ts'
import type { FormField } from './form-model.ts'

/** What the server answers for a secret. */
const HIDDEN = '[hidden]'
const IS_REFERENCE = /^\$\{/
const REPLACE_PX = 92
const SUGGESTED_MAX = 500

interface FormFieldProps {
  readonly field: FormField
  readonly value: string | undefined
  readonly onChange: (value: string | undefined) => void
  /** Of a key with variable parts. */
  readonly onRemove: (() => void) | undefined
}

export function ConfigField({ field, value, onChange, onRemove }: FormFieldProps) {
  const { definition } = field
  const isSet = value !== undefined && definition.default_value !== null
  const reset = isSet ? () => onChange(undefined) : undefined
  const common = commonProps(field, onRemove ?? reset, onRemove === undefined ? 'Reset' : 'Remove')
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
    const List = definition.name === 'topics' ? TopicsField : ListField
    return <List common={common} field={field} value={value} onChange={change} />
  }
  if (definition.type === 'PASSWORD') {
    return <SecretField common={common} value={value} onChange={change} />
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

function commonProps(
  { definition, errors }: FormField,
  onReset: (() => void) | undefined,
  resetText: string,
) {
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
        <Help text={documentation} />
        {onReset !== undefined && (
          <button
            type="button"
            className="sc-text-button"
            onClick={onReset}
            data-testid="field-reset"
            data-key={name}
          >
            {resetText}
          </button>
        )}
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

type CommonProps = ReturnType<typeof commonProps>

interface SecretFieldProps {
  readonly common: CommonProps
  readonly value: string | undefined
  readonly onChange: (text: string) => void
}

/** What the server keeps is never shown; a reference to a provider is, as it is written. */
function SecretField({ common, value = '', onChange }: SecretFieldProps) {
  const [isShown, setShown] = useState(false)
  const [isReplaced, setReplaced] = useState(false)
  if (value === HIDDEN && !isReplaced) {
    return (
      <TextInput
        {...common}
        value="•••• set"
        readOnly
        rightSectionWidth={REPLACE_PX}
        rightSection={
          <Button size="compact-sm" onClick={() => setReplaced(true)} data-testid="secret-replace">
            Replace
          </Button>
        }
      />
    )
  }
  return (
    <PasswordInput
      {...common}
      value={value === HIDDEN ? '' : value}
      // Nothing typed: the stored one stays.
      onChange={event => onChange(event.currentTarget.value || (isReplaced ? HIDDEN : ''))}
      visible={isShown || IS_REFERENCE.test(value)}
      onVisibilityChange={setShown}
      autoComplete="off"
    />
  )
}

/** The first sentence; the rest when it is asked for. */
function Help({ text }: { readonly text: string }) {
  const [isOpen, setOpen] = useState(false)
  const first = firstSentence(text)
  if (first.length === text.trim().length) return <>{text} </>
  return (
    <>
      {isOpen ? text : first}{' '}
      <button
        type="button"
        className="sc-text-button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {isOpen ? 'less' : 'more'}
      </button>{' '}
    </>
  )
}

interface ListFieldProps {
  readonly common: object
  readonly field: FormField
  readonly value: string | undefined
  readonly onChange: (text: string) => void
}

function ListField({ common, field, value, onChange }: ListFieldProps) {
  return (
    <TagsInput
      {...common}
      value={tagsOf(value)}
      onChange={tags => onChange(tags.join(','))}
      data={[...field.recommended]}
      splitChars={[',']}
      acceptValueOnBlur
    />
  )
}

/** Offers those of the cluster, where the server looks into it. */
function TopicsField({ field, ...rest }: ListFieldProps) {
  const { data = [] } = useQuery({ ...topicsQuery, enabled: SERVES_DATA })
  const names = data.map(one => one.name).filter(name => !name.startsWith('_'))
  const recommended = [...new Set([...field.recommended, ...names])].slice(0, SUGGESTED_MAX)
  return <ListField {...rest} field={{ ...field, recommended }} />
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
