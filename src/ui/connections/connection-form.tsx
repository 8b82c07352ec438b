/**
 * The form of a connection: name, properties, labels, with the checks beside it. Used for new and for
 * saved connections; drawn from the properties that the server tells.
 * Invariants: nothing is saved when a required step of the test fails, unless that is asked for; every
 * message stands at its field.
 * Spec: ui 4.4, 5.2; backlog-replication 2.2.
 */
import { Tabs, TagsInput, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ConnectionInfo, ConnectorInfoV1, PropertyInfo } from '../../api-v1.ts'
import { FormErrors } from '../parts/form-errors.tsx'
import { ConnectionField } from './connection-field.tsx'
import { type FieldErrors, isShown, toFieldId, type Values } from './connection-model.ts'

export interface FormState {
  readonly name: string
  readonly labels: readonly string[]
  readonly values: Values
}

interface ConnectionFormProps {
  readonly kind: ConnectorInfoV1
  readonly state: FormState
  readonly errors: FieldErrors
  readonly saved?: ConnectionInfo | undefined
  /** From the last test. */
  readonly keyspaces: readonly string[]
  readonly onChange: (state: FormState) => void
  readonly children: ReactNode
}

export function ConnectionForm(props: ConnectionFormProps) {
  const { kind, state, errors, onChange, children } = props
  const labels = new Map(kind.properties.map(one => [one.key, one.label]))
  const links = Object.entries(errors).map(([key, message]) => {
    const label = labels.get(key) ?? 'Connection Name'
    // The server names the field as well.
    const name = [label, key].find(one => message.startsWith(`${one}: `))
    return {
      id: `field-${toFieldId(label)}`,
      label,
      message: name === undefined ? message : message.slice(name.length + 2),
    }
  })
  const fields = (isAdvanced: boolean) => (
    <Fields {...props} properties={kind.properties.filter(one => one.advanced === isAdvanced)} />
  )
  return (
    <form className="sc-card sc-card-body" noValidate onSubmit={event => event.preventDefault()}>
      <FormErrors errors={links} />
      <Tabs defaultValue="settings">
        <Tabs.List mb="lg">
          <Tabs.Tab value="settings" data-testid="tab-settings">
            Settings
          </Tabs.Tab>
          <Tabs.Tab value="advanced" data-testid="tab-advanced">
            Advanced
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings">
          <div className="sc-form-fields">
            <TextInput
              label={
                <>
                  Connection Name<span className="sc-quiet"> (required)</span>
                </>
              }
              value={state.name}
              onChange={event => onChange({ ...state, name: event.currentTarget.value })}
              data-testid="field-connection-name"
              error={
                errors['name'] === undefined ? undefined : (
                  <span data-testid="field-connection-name-error">{errors['name']}</span>
                )
              }
            />
            {fields(false)}
            <TagsInput
              label="Label"
              description="free words; lists can be filtered by them"
              value={[...state.labels]}
              onChange={next => onChange({ ...state, labels: next })}
              data-testid="field-label"
              acceptValueOnBlur
            />
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="advanced">
          <div className="sc-form-fields">{fields(true)}</div>
        </Tabs.Panel>
      </Tabs>
      {children}
    </form>
  )
}

function Fields(props: ConnectionFormProps & { readonly properties: readonly PropertyInfo[] }) {
  const { properties, state, errors, saved, keyspaces, onChange } = props
  return properties
    .filter(one => isShown(one, state.values) && one.key !== 'oauthRefreshToken')
    .map(one => (
      <ConnectionField
        key={one.key}
        property={one}
        value={state.values[one.key] ?? ''}
        error={errors[one.key]}
        secret={saved?.secrets[one.key]}
        suggestions={one.key === 'database' ? keyspaces : undefined}
        onChange={value => onChange({ ...state, values: { ...state.values, [one.key]: value } })}
      />
    ))
}
