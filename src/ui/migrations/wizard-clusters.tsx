/**
 * Step 1: the name, and the two clusters by saved connections or by addresses.
 * Used by the wizard. Invariant: an address typed by hand has no login; a connection has its own.
 * Spec: ui 5.6 (wizard), 4.4.
 */
import { Autocomplete, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { connectionsQuery } from '../connections/connection-queries.ts'
import type { StepProps } from './migration-new-page.tsx'
import { PREFIX } from './wizard-model.ts'

export function WizardClusters({ state, errors, onChange }: StepProps) {
  const { data = [] } = useQuery(connectionsQuery)
  const known = data.filter(one => one.connector === 'cassandra')
  return (
    <div className="sc-card sc-card-body sc-form sc-stack">
      <TextInput
        label="Name (required)"
        description="How the migration is called from now on."
        value={state.name}
        onChange={event => onChange({ ...state, name: event.currentTarget.value.trim() })}
        error={errors['field-name']}
        data-testid="field-name"
      />
      {(['source', 'target'] as const).map(side => (
        <Cluster
          key={side}
          label={side === 'source' ? 'Source (required)' : 'Target (required)'}
          value={state[side]}
          known={known}
          error={errors[`field-${side}`]}
          onChange={value => onChange({ ...state, [side]: value })}
          testId={`field-${side}`}
        />
      ))}
      <p className="sc-quiet">
        A cluster with a login needs a connection:{' '}
        <Link className="sc-link" to="/connections/new/$kind" params={{ kind: 'cassandra' }}>
          New Connection
        </Link>
      </p>
    </div>
  )
}

interface ClusterProps {
  readonly label: string
  readonly value: string
  readonly known: readonly { readonly id: string; readonly name: string }[]
  readonly error: string | undefined
  readonly onChange: (value: string) => void
  readonly testId: string
}

/** Names of connections are offered; what is none of them is an address. */
function Cluster({ label, value, known, error, onChange, testId }: ClusterProps) {
  const named = known.find(one => `${PREFIX}${one.id}` === value)
  const change = (text: string) => {
    const found = known.find(one => one.name === text)
    onChange(found === undefined ? text : `${PREFIX}${found.id}`)
  }
  return (
    <Autocomplete
      label={label}
      description="A saved connection, or host:port; several by comma."
      placeholder={known.length === 0 ? '10.0.0.1:9042' : 'choose or type'}
      data={known.map(one => one.name)}
      value={named?.name ?? value}
      onChange={change}
      error={error}
      data-testid={testId}
    />
  )
}
