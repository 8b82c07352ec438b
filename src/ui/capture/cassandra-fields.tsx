/**
 * What a destination in Cassandra needs: addresses, login, data center, consistency, TLS.
 * Used by the dialog of destinations.
 * Invariant: a password is never shown; an untouched one is not sent.
 * Spec: ui 5.5; cdc-replication 2.2 (driver options).
 */
import { PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import type { CaptureDestination } from '../../api.ts'
import type { DestinationFieldsProps } from './kafka-fields.tsx'

const LEVELS = ['ONE', 'TWO', 'LOCAL_ONE', 'LOCAL_QUORUM', 'QUORUM', 'EACH_QUORUM', 'ALL']

interface CassandraFieldsProps extends DestinationFieldsProps {
  readonly saved: CaptureDestination | undefined
}

export function CassandraFields({ form, errors, change, saved }: CassandraFieldsProps) {
  const { driver } = form
  const set = (name: string, value: string) => change({ driver: { ...driver, [name]: value } })
  const text = (name: string) => ({
    value: driver[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
    autoComplete: 'off',
  })
  const hasTls = driver['ssl-enabled'] === 'true'
  const isSet = saved?.driver['pwd'] !== undefined
  return (
    <>
      <TextInput
        label="Addresses"
        description="Hosts of the other cluster, or host:port, separated by commas."
        value={form.addresses}
        onChange={event => change({ addresses: event.currentTarget.value })}
        data-testid="field-addresses"
        error={
          errors['addresses'] === undefined ? undefined : (
            <span data-testid="field-addresses-error">{errors['addresses']}</span>
          )
        }
      />
      <div className="sc-form-fields">
        <TextInput label="User" {...text('user')} data-testid="field-user" />
        <PasswordInput
          label="Password"
          placeholder={isSet ? 'set; type to replace' : ''}
          {...text('pwd')}
          autoComplete="new-password"
          data-testid="field-password"
        />
        <TextInput
          label="Local DC"
          placeholder="that of the first address"
          {...text('local-dc')}
          data-testid="field-local-dc"
        />
        <Select
          label="Consistency Level"
          data={LEVELS}
          value={driver['consistency-level'] ?? 'LOCAL_QUORUM'}
          onChange={level => set('consistency-level', level ?? '')}
          allowDeselect={false}
          data-testid="field-consistency-level"
        />
      </div>
      <Switch
        label="TLS"
        checked={hasTls}
        onChange={event => set('ssl-enabled', String(event.currentTarget.checked))}
        data-testid="field-tls"
      />
      {hasTls && (
        <TextInput
          label="Truststore"
          description="A file of the server's machine: PEM, JKS or PKCS12."
          {...text('ssl-truststore-path')}
          data-testid="field-truststore"
        />
      )}
    </>
  )
}
