/**
 * Create channel: table, destination, topic, order; with what the server finds while it is filled, and the
 * offer to alter a table that is not captured.
 * Opened by Capture.
 * Invariants: nothing is altered unless its button is pressed; what is wrong stands at its field.
 * Spec: ui 4.4, 5.5, 8 (flow 12); cdc-replication 2.3.
 */
import { Button, Group, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CaptureSource } from '../../api-v1-capture.ts'
import { type FormError, FormErrors } from '../parts/form-errors.tsx'
import { Panel, PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { captureSourceQuery, useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { ChannelChecks } from './channel-checks.tsx'
import { ChannelFields, ChannelOptions } from './channel-fields.tsx'
import {
  type ChannelForm,
  channelCommand,
  firstForm,
  problemsOf,
  saveChannel,
} from './channel-form.ts'
import { DestinationDialog } from './destination-dialog.tsx'
import { TopicField } from './topic-field.tsx'
import { useChannelCheck } from './use-channel-check.ts'

interface ChannelDialogProps {
  readonly view: CaptureView
  /** To begin with. */
  readonly destination: string | undefined
  readonly onClose: () => void
}

export function ChannelDialog(props: ChannelDialogProps) {
  const query = useQuery(captureSourceQuery)
  return (
    <Modal
      opened
      onClose={props.onClose}
      title="Create channel"
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="dialog-channel"
    >
      <Panel query={query} what="the tables">
        {source => <Form {...props} source={source} />}
      </Panel>
    </Modal>
  )
}

const LABELS: Readonly<Record<string, readonly [id: string, label: string]>> = {
  dataCenterId: ['field-data-center-id', 'Data center id'],
  sourceKeyspace: ['field-source-keyspace', 'Source keyspace'],
  sourceTable: ['field-source-table', 'Source table'],
  destination: ['field-destination', 'Destination'],
  priority: ['field-priority', 'Priority'],
  topic: ['field-topic', 'Topic'],
  capture: ['cdc-enable', 'ALTER TABLE'],
}

interface FormProps extends ChannelDialogProps {
  readonly source: CaptureSource
}

function Form({ view, destination, source, onClose }: FormProps) {
  const [form, setForm] = useState<ChannelForm>(() => firstForm(view, source, destination))
  const [isTried, setTried] = useState(false)
  const [isAdding, setAdding] = useState(false)
  const check = useChannelCheck(form)
  const save = useCaptureChange(() => saveChannel(form, view.readers))
  const change = (next: Partial<ChannelForm>) => setForm({ ...form, ...next })
  const problems = problemsOf(form, check.data)
  const submit = () => {
    setTried(true)
    if (Object.keys(problems).length > 0) return
    save.mutate(undefined, {
      onSuccess: () => {
        toastDone(`${form.sourceKeyspace}.${form.sourceTable} is captured to ${form.destination}.`)
        onClose()
      },
    })
  }
  const shown = isTried ? problems : problemsOf(form, check.data, true)
  return (
    <>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <Stack gap="lg">
          {isTried && <FormErrors errors={summary(problems)} />}
          <ChannelFields
            {...{ form, view, source, change }}
            errors={shown}
            onAddDestination={() => setAdding(true)}
          />
          <TopicField {...{ form, view, change }} error={shown['topic']} />
          <ChannelOptions {...{ form, change }} errors={shown} />
          <ChannelChecks form={form} check={check} error={shown['capture']} />
          {save.error !== null && (
            <PanelError error={save.error} what="the channel" title="The channel was not saved." />
          )}
          <Group justify="space-between" gap="sm">
            <details className="sc-more">
              <summary>Same as</summary>
              <code className="sc-mono sc-wrap">{channelCommand(form)}</code>
            </details>
            <Group gap="sm">
              <Button onClick={onClose}>Cancel</Button>
              <Button
                variant="filled"
                type="submit"
                loading={save.isPending}
                data-testid="channel-submit"
              >
                Create channel
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
      {isAdding && (
        <DestinationDialog
          view={view}
          onClose={() => setAdding(false)}
          onDone={name => change({ destination: name, topic: undefined })}
        />
      )}
    </>
  )
}

function summary(problems: Readonly<Record<string, string>>): FormError[] {
  return Object.entries(problems).map(([field, message]) => {
    const [id, label] = LABELS[field] ?? ['field-source-table', field]
    return { id, label, message }
  })
}
