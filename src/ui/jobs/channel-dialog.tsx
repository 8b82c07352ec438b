/**
 * A channel of alerts as a form, drawn from the properties that the server tells. Used by the list of
 * channels.
 * Invariants: a secret that was not touched is not sent; every message stands at its field.
 * Spec: ui 4.4; backlog-replication 2.14.
 */
import { Button, Group, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChannelInfo, ChannelKind, ChannelKindInfo } from '../../api-v1-alerts.ts'
import { ApiError } from '../api-client.ts'
import { ConnectionField } from '../connections/connection-field.tsx'
import {
  checkValues,
  type FieldErrors,
  initialValues,
  toProperties,
} from '../connections/connection-model.ts'
import { Panel } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { channelKindsQuery, putChannel, useAlertChange } from './alert-queries.ts'

interface ChannelDialogProps {
  readonly saved: ChannelInfo | undefined
  readonly onClose: () => void
}

export function ChannelDialog({ saved, onClose }: ChannelDialogProps) {
  const query = useQuery(channelKindsQuery)
  const [kind, setKind] = useState<ChannelKind>(saved?.kind ?? 'webhook')
  return (
    <Modal
      opened
      onClose={onClose}
      title={saved === undefined ? 'Add a channel' : `Channel ${saved.name}`}
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-channel"
    >
      <Panel query={query} what="the kinds of channels">
        {kinds => (
          <Stack gap="lg">
            {saved === undefined && (
              <SegmentedControl
                aria-label="Kind"
                value={kind}
                onChange={next => setKind(next as ChannelKind)}
                data={kinds.map(one => ({
                  value: one.kind,
                  label: (
                    <span data-testid="option" data-value={one.kind}>
                      {one.title}
                    </span>
                  ),
                }))}
                data-testid="field-kind"
              />
            )}
            <Fields
              key={kind}
              kind={kinds.find(one => one.kind === kind)!}
              saved={saved}
              onClose={onClose}
            />
          </Stack>
        )}
      </Panel>
    </Modal>
  )
}

function Fields(props: ChannelDialogProps & { readonly kind: ChannelKindInfo }) {
  const { kind, saved, onClose } = props
  const [name, setName] = useState(saved?.name ?? '')
  const [values, setValues] = useState(() => initialValues(kind.properties, saved?.properties))
  const [errors, setErrors] = useState<FieldErrors>({})
  const save = useAlertChange(
    () => {
      const properties = toProperties(kind.properties, values)
      return putChannel({ name: name.trim(), kind: kind.kind, properties }, saved?.id)
    },
    {
      failed: 'The channel was not saved',
      onDone: done => {
        toastDone(`The channel ${done.name} was saved.`)
        onClose()
      },
    },
  )
  const submit = () => {
    const set = Object.entries(saved?.secrets ?? {}).filter(([, one]) => one.set)
    const kept = new Set(set.map(([key]) => key))
    const found = checkValues(name, kind.properties, { values, kept })
    const told = found['name'] === undefined ? {} : { name: 'Name is missing.' }
    setErrors({ ...found, ...told })
    if (Object.keys(found).length > 0) return
    save.mutate(undefined, {
      onError: error => {
        const all = error instanceof ApiError ? error.errors : []
        setErrors(Object.fromEntries(all.map(one => [one.field, one.message])))
      },
    })
  }
  return (
    <>
      <TextInput
        label="Name"
        value={name}
        onChange={event => setName(event.currentTarget.value)}
        data-testid="field-name"
        error={
          errors['name'] === undefined ? undefined : (
            <span data-testid="field-name-error">{errors['name']}</span>
          )
        }
      />
      {kind.properties.map(one => (
        <ConnectionField
          key={one.key}
          property={one}
          value={values[one.key] ?? ''}
          error={errors[one.key]}
          secret={saved?.secrets[one.key]}
          onChange={value => setValues({ ...values, [one.key]: value })}
        />
      ))}
      <Group justify="flex-end" gap="sm">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="filled"
          loading={save.isPending}
          onClick={submit}
          data-testid="channel-save"
        >
          Save Changes
        </Button>
      </Group>
    </>
  )
}
