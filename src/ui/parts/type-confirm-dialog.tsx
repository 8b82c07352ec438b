/**
 * The red dialog: asks before an act that cannot be undone, and wants the name of the object typed.
 * Used for cutting over, truncating, deleting. Invariant: the focus starts on Cancel; the button works
 * only while the name is typed exactly.
 * Spec: ui 4.5.
 */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'

interface TypeConfirmDialogProps {
  readonly opened: boolean
  readonly title: string
  readonly text: ReactNode
  /** What has to be typed. */
  readonly name: string
  readonly verb: string
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function TypeConfirmDialog(props: TypeConfirmDialogProps) {
  const { opened, title, text, name, verb, busy, onConfirm, onClose } = props
  const [typed, setTyped] = useState('')
  const close = () => {
    setTyped('')
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-confirm"
    >
      <Stack gap="lg">
        <div className="sc-banner" data-role="error">
          <Text data-testid="confirm-text">{text}</Text>
        </div>
        <TextInput
          label={`Type ${name}`}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-testid="confirm-type"
        />
        <Group justify="flex-end" gap="sm">
          <Button onClick={close} data-autofocus data-testid="confirm-no">
            Cancel
          </Button>
          <Button
            variant="filled"
            color="error"
            disabled={typed !== name}
            loading={busy}
            onClick={onConfirm}
            data-testid="confirm-yes"
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
