/**
 * Step 2: the keyspace and its tables, as the source tells them. Used by the wizard.
 * Invariant: without a choice all tables of the keyspace are meant, also those made later.
 * Spec: ui 5.6 (wizard).
 */
import { Checkbox, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Panel } from '../parts/panel.tsx'
import type { StepProps } from './migration-new-page.tsx'
import { keyspacesQuery } from './migration-queries.ts'
import { clusterOf } from './wizard-model.ts'

export function WizardTables({ state, errors, onChange }: StepProps) {
  const query = useQuery(keyspacesQuery(clusterOf(state.source)))
  return (
    <Panel query={query} what="the keyspaces of the source">
      {all => {
        const tables = all.find(one => one.keyspace === state.keyspace)?.tables ?? []
        const isAll = state.tables.length === 0
        const toggle = (table: string) => {
          const now = isAll ? tables : state.tables
          const next = now.includes(table) ? now.filter(one => one !== table) : [...now, table]
          onChange({ ...state, tables: next.length === tables.length ? [] : next })
        }
        return (
          <div className="sc-card sc-card-body sc-form sc-stack">
            <Select
              label="Keyspace (required)"
              data={all.map(one => one.keyspace)}
              value={state.keyspace === '' ? null : state.keyspace}
              onChange={keyspace => onChange({ ...state, keyspace: keyspace ?? '', tables: [] })}
              error={errors['field-keyspace']}
              searchable
              renderOption={({ option }) => (
                <span data-testid="option" data-value={option.value}>
                  {option.label}
                </span>
              )}
              data-testid="field-keyspace"
            />
            <TextInput
              label="Keyspace of the target"
              placeholder={state.keyspace === '' ? 'the same' : state.keyspace}
              value={state.targetKeyspace}
              onChange={event =>
                onChange({ ...state, targetKeyspace: event.currentTarget.value.trim() })
              }
              data-testid="field-target-keyspace"
            />
            {tables.length > 0 && (
              <fieldset className="sc-plain-set">
                <legend className="sc-label">
                  Tables, {isAll ? tables.length : state.tables.length} of {tables.length}
                </legend>
                <div className="sc-choices">
                  {tables.map(table => (
                    <Checkbox
                      key={table}
                      label={`${state.keyspace}.${table}`}
                      checked={isAll || state.tables.includes(table)}
                      onChange={() => toggle(table)}
                      data-testid="table-option"
                      data-key={`${state.keyspace}.${table}`}
                    />
                  ))}
                </div>
              </fieldset>
            )}
          </div>
        )
      }}
    </Panel>
  )
}
