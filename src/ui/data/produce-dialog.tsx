/**
 * Sends one record to a topic, by hand. Used by the topic.
 * Invariant: what is left empty is Kafka's null, and the form says so.
 * Spec: ui 5.7 (Produce).
 */
import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { toastDone } from '../parts/toast.ts'
import { sendRecord } from './data-queries.ts'

interface ProduceDialogProps {
  readonly topic: string
  readonly opened: boolean
  readonly onClose: () => void
}

export function ProduceDialog({ topic, opened, onClose }: ProduceDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Produce to ${topic}`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-produce"
    >
      <ProduceForm topic={topic} onClose={onClose} />
    </Modal>
  )
}

function ProduceForm({ topic, onClose }: Omit<ProduceDialogProps, 'opened'>) {
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const client = useQueryClient()
  const send = useMutation({
    mutationFn: () =>
      sendRecord(topic, { key: key === '' ? null : key, value: value === '' ? null : value }),
    onSuccess: () => {
      toastDone(`One record was sent to ${topic}.`)
      void client.invalidateQueries({ queryKey: ['data', 'records', topic] })
      onClose()
    },
  })
  return (
    <Stack gap="lg">
      <TextInput
        label="Key"
        description="Empty: none (null)"
        value={key}
        onChange={event => setKey(event.currentTarget.value)}
        data-autofocus
        data-testid="field-key"
      />
      <Textarea
        className="sc-code"
        label="Value"
        description="Sent as UTF-8 text. Empty: none (null), which deletes the key in a compacted topic"
        value={value}
        onChange={event => setValue(event.currentTarget.value)}
        minRows={6}
        autosize
        maxRows={16}
        data-testid="field-value"
      />
      {send.error !== null && (
        <p className="sc-problem" role="alert">
          {send.error.message}
        </p>
      )}
      <Group justify="flex-end" gap="sm">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="filled"
          loading={send.isPending}
          onClick={() => send.mutate()}
          data-testid="record-send"
        >
          Send record
        </Button>
      </Group>
    </Stack>
  )
}
