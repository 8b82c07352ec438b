/**
 * Makes a topic with the defaults of the brokers. Used by the list of topics.
 * Invariant: what is wrong is told at its field, and nothing was made then.
 * Spec: ui 5.7 (Add a Topic), 8 (flow 14).
 */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api-client.ts'
import { toastDone } from '../parts/toast.ts'
import { addTopic, topicsQuery } from './data-queries.ts'

interface TopicDialogProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function TopicDialog({ opened, onClose }: TopicDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Add a Topic"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-topic"
    >
      <TopicForm onClose={onClose} />
    </Modal>
  )
}

function TopicForm({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('')
  const [partitions, setPartitions] = useState('')
  const client = useQueryClient()
  const navigate = useNavigate()
  const add = useMutation({
    mutationFn: () =>
      addTopic({
        name: name.trim(),
        ...(partitions === '' ? {} : { partitions: Number(partitions) }),
      }),
    onSuccess: topic => {
      toastDone(`Topic ${topic.name} was created.`)
      void client.invalidateQueries({ queryKey: topicsQuery.queryKey })
      onClose()
      void navigate({
        to: '/data/kafka/topics/$topic/$tab',
        params: { topic: topic.name, tab: 'records' },
      })
    },
  })
  const problem = (field: string) => problemOf(add.error, field)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        <TextInput
          label="Topic name"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          error={problem('name')}
          data-autofocus
          data-testid="field-topic-name"
        />
        <TextInput
          label="Number of partitions"
          placeholder="default of the brokers"
          inputMode="numeric"
          value={partitions}
          onChange={event => setPartitions(event.currentTarget.value)}
          error={problem('partitions')}
          data-testid="field-partitions"
        />
        {add.error !== null && problem('name') === '' && problem('partitions') === '' && (
          <p className="sc-problem" role="alert">
            {add.error.message}
          </p>
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={add.isPending} data-testid="topic-create">
            Create with defaults
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function problemOf(error: Error | null, field: string): string {
  if (!(error instanceof ApiError)) return ''
  return error.errors.find(one => one.field === field)?.message ?? ''
}
