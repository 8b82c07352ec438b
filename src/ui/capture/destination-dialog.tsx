/**
 * Create destination: in Kafka with the connector that reads it, or in Cassandra with its addresses; and
 * the change of one in Cassandra.
 * Opened by Capture and by the form of a new channel.
 * Invariants: what the worker finds wrong stands at its field and nothing is left behind; a secret that
 * was not touched is not sent.
 * Spec: ui 4.4, 5.5, 8 (flow 12).
 */
import { Button, Group, Modal, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { CassandraFields } from './cassandra-fields.tsx'
import {
  type DestinationForm,
  type FormErrors,
  formOf,
  isWrong,
  saveDestination,
  WrongFields,
} from './destination-form.ts'
import { KafkaFields } from './kafka-fields.tsx'
import { readerName } from './reader.ts'

interface DestinationDialogProps {
  readonly view: Pick<CaptureView, 'overview'>
  /** The name of the one to change; undefined: a new one. */
  readonly saved?: string | undefined
  readonly onClose: () => void
  readonly onDone?: (name: string) => void
}

export function DestinationDialog({ view, saved, onClose, onDone }: DestinationDialogProps) {
  const known = view.overview.destinations.find(one => one.name === saved)
  const [form, setForm] = useState<DestinationForm>(() => formOf(known))
  const [errors, setErrors] = useState<FormErrors>({})
  const save = useCaptureChange(() => saveDestination(form, known))
  const change = (next: Partial<DestinationForm>) => {
    setForm({ ...form, ...next })
    const rest = Object.entries(errors).filter(([field]) => !(field in next))
    setErrors(Object.fromEntries(rest))
  }
  const submit = () => {
    const wrong = isWrong(form, known !== undefined)
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    save.mutate(undefined, {
      onSuccess: () => {
        toastDone(doneText(form, known !== undefined))
        onDone?.(form.name.trim())
        onClose()
      },
      onError: error => setErrors(error instanceof WrongFields ? error.fields : {}),
    })
  }
  const isOther = save.error !== null && !(save.error instanceof WrongFields)
  return (
    <Modal
      opened
      onClose={onClose}
      title={known === undefined ? 'Create destination' : `Destination ${known.name}`}
      size={480}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-destination"
    >
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="lg">
          {known === undefined && <Identity {...{ form, errors, change }} />}
          <Switch
            label="Transmission enabled"
            description="Off: changes wait in its queues."
            checked={form.transmissionEnabled}
            onChange={event => change({ transmissionEnabled: event.currentTarget.checked })}
            data-testid="field-transmission-enabled"
          />
          {form.kind === 'Kafka' ? (
            <KafkaFields {...{ form, errors, change }} />
          ) : (
            <CassandraFields {...{ form, errors, change }} saved={known} />
          )}
          {isOther && save.error !== null && (
            <PanelError
              error={save.error}
              what="the destination"
              title="The destination was not saved."
            />
          )}
          <Group justify="flex-end" gap="sm">
            <Button onClick={onClose}>Cancel</Button>
            <Button
              variant="filled"
              type="submit"
              loading={save.isPending}
              data-testid="destination-submit"
            >
              {known === undefined ? 'Create destination' : 'Save Changes'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function doneText({ name, kind, hasReader }: DestinationForm, isKnown: boolean): string {
  if (isKnown) return `The destination ${name} was saved.`
  const made = `The destination ${name.trim()} was created`
  return kind === 'Kafka' && hasReader
    ? `${made}, and the connector ${readerName(name.trim())} reads it.`
    : `${made}.`
}

interface IdentityProps {
  readonly form: DestinationForm
  readonly errors: FormErrors
  readonly change: (next: Partial<DestinationForm>) => void
}

const KINDS = [
  ['Kafka', 'Kafka'],
  ['Cassandra', 'Cassandra'],
] as const

function Identity({ form, errors, change }: IdentityProps) {
  return (
    <>
      <TextInput
        label="Name"
        description="Letters, digits, “_” and “-”."
        data-autofocus
        value={form.name}
        onChange={event => change({ name: event.currentTarget.value })}
        data-testid="field-name"
        error={
          errors['name'] === undefined ? undefined : (
            <span data-testid="field-name-error">{errors['name']}</span>
          )
        }
      />
      <div>
        <span className="sc-label" id="destination-kind">
          Kind
        </span>
        <SegmentedControl
          fullWidth
          aria-labelledby="destination-kind"
          value={form.kind}
          onChange={kind => change({ kind: kind as DestinationForm['kind'] })}
          data-testid="field-kind"
          data={KINDS.map(([value, text]) => ({
            value,
            label: (
              <span data-testid="option" data-value={value}>
                {text}
              </span>
            ),
          }))}
        />
      </div>
    </>
  )
}
