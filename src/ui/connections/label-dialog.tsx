/**
 * The labels of a connection, changed from the list. Opened by Add label in the menu of a row.
 * Invariant: nothing but the labels is sent.
 * Spec: ui 5.2 (row menu).
 */
import { Button, Group, Modal, Stack, TagsInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectionInfo } from '../../api-v1.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { change, useReloadConnections } from './connection-queries.ts'

interface LabelDialogProps {
  readonly connection: ConnectionInfo
  /** Of all connections, to choose from. */
  readonly known: readonly string[]
  readonly onClose: () => void
}

export function LabelDialog({ connection, known, onClose }: LabelDialogProps) {
  const { id, name } = connection
  const [labels, setLabels] = useState<readonly string[]>(connection.labels)
  const reload = useReloadConnections()
  const save = useMutation({
    mutationFn: () => change(id, { labels }),
    onSuccess: () => {
      toastDone(`The labels of ${name} were saved.`)
      onClose()
    },
    onError: error => toastProblem(`The labels of ${name} were not saved`, error),
    onSettled: reload,
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Labels of ${name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-labels"
    >
      <Stack gap="xl">
        <TagsInput
          label="Label"
          description="free words; lists can be filtered by them"
          value={[...labels]}
          onChange={setLabels}
          data={[...known]}
          data-testid="field-label"
          data-autofocus
          acceptValueOnBlur
        />
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose} data-testid="confirm-no">
            Cancel
          </Button>
          <Button
            variant="filled"
            loading={save.isPending}
            onClick={() => save.mutate()}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
