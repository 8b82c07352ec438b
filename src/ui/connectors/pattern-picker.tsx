/**
 * Adds a key with variable parts: which kind of key, a picker for each part, and the key they make. Used by
 * the form of a connector.
 * Invariants: the resulting key is on screen before it is added; a key that the draft has is not added twice.
 * Spec: ui 5.4 (keys with variable parts), 8 (`mapping-add`).
 */
import { Autocomplete, Button, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConfigPattern } from '../../api-v1-connectors.ts'
import { topicsQuery } from '../data/data-queries.ts'
import { SERVES_DATA } from '../parts/served.ts'
import type { Config } from './connector-queries.ts'
import { inOrderOfUse, keyOf, partsOf, previewOf, suggestionsOf } from './pattern-keys.ts'

interface PatternPickerProps {
  readonly patterns: readonly ConfigPattern[]
  readonly draft: Config
  readonly onAdd: (key: string) => void
}

const SUGGESTED_MAX = 200

export function PatternPicker({ patterns, draft, onAdd }: PatternPickerProps) {
  const ordered = inOrderOfUse(patterns)
  const [chosen, setChosen] = useState(ordered[0]?.pattern ?? '')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const pattern = ordered.find(one => one.pattern === chosen)
  const key = keyOf(chosen, values)
  const isKnown = key !== undefined && draft[key] !== undefined
  const add = () => {
    if (key === undefined || isKnown) return
    onAdd(key)
    setValues({})
  }
  return (
    <Stack gap="sm" data-testid="pattern-picker">
      <Select
        label="Kind of key"
        description={pattern?.documentation}
        value={chosen}
        onChange={next => setChosen(next ?? chosen)}
        data={ordered.map(one => one.pattern)}
        allowDeselect={false}
        searchable
        renderOption={({ option }) => (
          <span className="sc-mono" data-testid="option" data-value={option.value}>
            {option.label}
          </span>
        )}
        data-testid="pattern-kind"
      />
      <div className="sc-pattern">
        {partsOf(chosen).map(({ name }) => (
          <Part
            key={name}
            name={name}
            value={values[name] ?? ''}
            draft={draft}
            onChange={value => setValues({ ...values, [name]: value })}
          />
        ))}
        <Button disabled={key === undefined || isKnown} onClick={add} data-testid="mapping-add">
          {chosen.endsWith('.mapping') ? 'Add mapping' : 'Add key'}
        </Button>
      </div>
      <span className="sc-quiet">
        The key is{' '}
        <bdi className="sc-mono" data-testid="pattern-key">
          {previewOf(chosen, values)}
        </bdi>
        {isKnown && ', which is set already'}
      </span>
    </Stack>
  )
}

interface PartProps {
  readonly name: string
  readonly value: string
  readonly draft: Config
  readonly onChange: (value: string) => void
}

function Part({ name, value, draft, onChange }: PartProps) {
  const isTopic = name === 'topic'
  const { data = [] } = useQuery({ ...topicsQuery, enabled: isTopic && SERVES_DATA })
  const own = suggestionsOf(name, draft)
  const all = isTopic ? [...own, ...data.map(one => one.name)] : own
  return (
    <Autocomplete
      label={name.replace(/^./, first => first.toUpperCase())}
      value={value}
      onChange={onChange}
      data={[...new Set(all)].slice(0, SUGGESTED_MAX)}
      data-testid={`pattern-${name}`}
    />
  )
}
