/**
 * The settings of a connector as sections of fields. Used by the page of a new connector.
 * Invariant: a section with errors is open and counts them; keys without a field are kept and can
 * be changed below.
 * Spec: ui 5.4.
 */
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Config } from './connector-queries.ts'
import { ConfigField } from './form-field.tsx'
import type { FormField, FormModel, FormSection } from './form-model.ts'

interface ConnectorFormProps {
  readonly model: FormModel
  readonly draft: Config
  readonly onChange: (draft: Config) => void
}

export function ConnectorForm({ model, draft, onChange }: ConnectorFormProps) {
  const set = (key: string, value: string | undefined) => onChange(withKey(draft, key, value))
  return (
    <div className="sc-card">
      {model.sections.map((section, index) => (
        <Section
          key={section.title}
          section={section}
          isFirst={index === 0}
          draft={draft}
          onSet={set}
        />
      ))}
      <OtherProperties model={model} draft={draft} onSet={set} />
    </div>
  )
}

interface SectionProps {
  readonly section: FormSection
  readonly isFirst: boolean
  readonly draft: Config
  readonly onSet: (key: string, value: string | undefined) => void
}

function Section({ section, isFirst, draft, onSet }: SectionProps) {
  const { title, fields, more, errorCount } = section
  const given = [...fields, ...more].filter(field => draft[field.definition.name] !== undefined)
  const isImportant = fields.some(field => field.definition.importance === 'HIGH')
  const [open, setOpen] = useState(isFirst || isImportant || given.length > 0)
  return (
    <details
      className="sc-section"
      open={open || errorCount > 0}
      onToggle={event => setOpen(event.currentTarget.open)}
      data-testid="form-section"
      data-key={title}
    >
      <summary>
        {title}
        {errorCount > 0 && (
          <span className="sc-problem">
            {' '}
            · {errorCount === 1 ? '1 error' : `${errorCount} errors`}
          </span>
        )}
        {errorCount === 0 && given.length > 0 && (
          <span className="sc-quiet"> · {given.length} set</span>
        )}
      </summary>
      <Fields fields={fields} draft={draft} onSet={onSet} />
      {more.length > 0 && (
        <details className="sc-more" data-testid="form-more">
          <summary>More settings ({more.length})</summary>
          <Fields fields={more} draft={draft} onSet={onSet} />
        </details>
      )}
    </details>
  )
}

interface FieldsProps {
  readonly fields: readonly FormField[]
  readonly draft: Config
  readonly onSet: (key: string, value: string | undefined) => void
}

function Fields({ fields, draft, onSet }: FieldsProps) {
  return (
    <div className="sc-fields">
      {fields.map(field => {
        const { name, width } = field.definition
        return (
          <div key={name} data-width={width}>
            <ConfigField field={field} value={draft[name]} onChange={value => onSet(name, value)} />
          </div>
        )
      })}
    </div>
  )
}

interface OtherProps {
  readonly model: FormModel
  readonly draft: Config
  readonly onSet: (key: string, value: string | undefined) => void
}

function OtherProperties({ model, draft, onSet }: OtherProps) {
  const [key, setKey] = useState('')
  const add = () => {
    if (key.trim() !== '') onSet(key.trim(), '')
    setKey('')
  }
  return (
    <section className="sc-section" data-testid="form-other">
      <h2 className="sc-card-title sc-other-title">Mappings and other properties</h2>
      <Stack gap="md">
        {model.other.map(one => (
          <Group key={one.key} gap="sm" align="flex-end" wrap="nowrap">
            <TextInput
              className="sc-grow"
              label={<span className="sc-mono">{one.key}</span>}
              value={draft[one.key] ?? ''}
              onChange={event => onSet(one.key, event.currentTarget.value)}
              error={one.errors.length === 0 ? undefined : one.errors.join(' ')}
              data-testid={`field-${one.key}`}
            />
            <Button onClick={() => onSet(one.key, undefined)} aria-label={`Remove ${one.key}`}>
              Remove
            </Button>
          </Group>
        ))}
        <Group gap="sm" align="flex-end" wrap="nowrap">
          <TextInput
            className="sc-grow"
            label="Another key"
            description="Such as topic.stocks.demo.stocks.mapping, or transforms.a.type"
            value={key}
            onChange={event => setKey(event.currentTarget.value)}
            onKeyDown={event => event.key === 'Enter' && add()}
            data-testid="other-key"
          />
          <Button onClick={add} disabled={key.trim() === ''} data-testid="mapping-add">
            Add
          </Button>
        </Group>
      </Stack>
    </section>
  )
}

function withKey(draft: Config, key: string, value: string | undefined): Config {
  const { [key]: _before, ...rest } = draft
  return value === undefined ? rest : { ...draft, [key]: value }
}
