/**
 * The settings of a connector as sections of fields. Used by the page of a new connector.
 * Invariant: a section with errors is open and counts them; keys without a field are kept and can
 * be changed below.
 * Spec: ui 5.4.
 */
import './connectors.css'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConfigPattern } from '../../api-v1-connectors.ts'
import { patternsQuery } from './check-queries.ts'
import type { Config } from './connector-queries.ts'
import { ConfigField } from './form-field.tsx'
import type { FormField, FormModel, FormSection } from './form-model.ts'
import { fits } from './pattern-keys.ts'
import { PatternPicker } from './pattern-picker.tsx'

const NO_PATTERNS: readonly ConfigPattern[] = []

interface ConnectorFormProps {
  readonly model: FormModel
  readonly draft: Config
  readonly onChange: (draft: Config) => void
}

export function ConnectorForm({ model, draft, onChange }: ConnectorFormProps) {
  const { data: patterns = NO_PATTERNS } = useQuery(patternsQuery(draft['connector.class'] ?? ''))
  const set = (key: string, value: string | undefined) => onChange(withKey(draft, key, value))
  const isMade = (key: string) => patterns.some(one => fits(one.pattern, key))
  return (
    <div className="sc-card">
      {model.sections.map((section, index) => (
        <Section
          key={section.title}
          section={section}
          isFirst={index === 0}
          draft={draft}
          onSet={set}
          isMade={isMade}
        />
      ))}
      <OtherProperties model={model} draft={draft} onSet={set} patterns={patterns} />
    </div>
  )
}

interface SectionProps {
  readonly section: FormSection
  readonly isFirst: boolean
  readonly draft: Config
  readonly onSet: (key: string, value: string | undefined) => void
  /** A key with variable parts: it goes only when it is removed, not when its text is. */
  readonly isMade: (key: string) => boolean
}

function Section({ section, isFirst, draft, onSet, isMade }: SectionProps) {
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
      <Fields {...{ fields, draft, onSet, isMade }} />
      {more.length > 0 && (
        <details className="sc-more" data-testid="form-more">
          <summary>More settings ({more.length})</summary>
          <Fields fields={more} {...{ draft, onSet, isMade }} />
        </details>
      )}
    </details>
  )
}

interface FieldsProps {
  readonly fields: readonly FormField[]
  readonly draft: Config
  readonly onSet: (key: string, value: string | undefined) => void
  readonly isMade: (key: string) => boolean
}

function Fields({ fields, draft, onSet, isMade }: FieldsProps) {
  return (
    <div className="sc-fields">
      {fields.map(field => {
        const { name, width } = field.definition
        return (
          <div key={name} data-width={width}>
            <ConfigField
              field={field}
              value={draft[name]}
              onChange={value => onSet(name, value ?? (isMade(name) ? '' : undefined))}
              onRemove={isMade(name) ? () => onSet(name, undefined) : undefined}
            />
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
  readonly patterns: readonly ConfigPattern[]
}

function OtherProperties({ model, draft, onSet, patterns }: OtherProps) {
  const [key, setKey] = useState('')
  const add = () => {
    if (key.trim() !== '') onSet(key.trim(), '')
    setKey('')
  }
  return (
    <section className="sc-section" data-testid="form-other">
      <h2 className="sc-card-title sc-other-title">Mappings and other properties</h2>
      <Stack gap="md">
        {patterns.length > 0 && (
          <PatternPicker patterns={patterns} draft={draft} onAdd={key => onSet(key, '')} />
        )}
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
            description="Kept as it is, whether the worker knows it or not"
            value={key}
            onChange={event => setKey(event.currentTarget.value)}
            onKeyDown={event => event.key === 'Enter' && add()}
            data-testid="other-key"
          />
          <Button onClick={add} disabled={key.trim() === ''} data-testid="other-add">
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
