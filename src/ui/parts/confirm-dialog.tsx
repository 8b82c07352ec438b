/**
 * Asks before an act that takes something away. Used for stop and delete.
 * Invariant: the button says what will happen; the focus starts on Cancel.
 * Spec: ui 4.5.
 */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

interface ConfirmDialogProps {
  readonly opened: boolean
  readonly title: string
  readonly text: ReactNode
  readonly verb: string
  readonly dangerous?: boolean
  /** The text says why not: there is only Close. */
  readonly isRefused?: boolean
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    opened,
    title,
    text,
    verb,
    dangerous = false,
    isRefused = false,
    busy,
    onConfirm,
    onClose,
  } = props
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-confirm"
    >
      <Stack gap="xl">
        <Text data-testid="confirm-text">{text}</Text>
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose} data-autofocus data-testid="confirm-no">
            {isRefused ? 'Close' : 'Cancel'}
          </Button>
          {!isRefused && (
            <Button
              variant="filled"
              color={dangerous ? 'error' : 'accent'}
              loading={busy}
              onClick={onConfirm}
              data-testid="confirm-yes"
            >
              {verb}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}
