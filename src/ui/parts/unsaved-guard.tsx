/**
 * Asks before a form with unsaved changes is left: by a link, by Back, or with the tab.
 * Used by forms that are pages; what a save navigates to passes `ignoreBlocker`.
 * Invariants: nothing is asked when nothing was changed; a save that failed leaves nobody's page.
 * Spec: ui 4.4 (leaving).
 */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'

interface UnsavedGuardProps {
  readonly isDirty: boolean
  /** Tells whether it was saved. Undefined: the form cannot save from here. */
  readonly onSave?: (() => Promise<boolean>) | undefined
}

export function UnsavedGuard({ isDirty, onSave }: UnsavedGuardProps) {
  const [isSaving, setIsSaving] = useState(false)
  const isLeaving = useLeaving(isDirty)
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isDirty && !isLeaving.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  })
  const isKept = useRef(false)
  useEffect(
    () => () => {
      // The form went away under the question: who was asked stays.
      if (!isKept.current) reset?.()
    },
    [reset],
  )
  const leave = () => {
    // A redirect behind the link is the same leave.
    isLeaving.current = true
    proceed?.()
  }
  useEffect(() => {
    // Saved in the meantime: there is nothing left to ask.
    if (!isDirty && !isSaving) proceed?.()
  }, [isDirty, isSaving, proceed])
  const save = async () => {
    isKept.current = true
    setIsSaving(true)
    const isSaved = (await onSave?.()) ?? false
    setIsSaving(false)
    if (isSaved) leave()
    else reset?.()
    isKept.current = false
  }
  return (
    <Modal
      opened={status === 'blocked'}
      onClose={() => !isSaving && reset?.()}
      title="You have unsaved changes"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-unsaved"
    >
      <Stack gap="xl">
        <Text>They are lost when you leave this page without saving them.</Text>
        <Group justify="flex-end" gap="sm">
          <Button
            onClick={() => reset?.()}
            disabled={isSaving}
            data-autofocus
            data-testid="unsaved-stay"
          >
            Stay
          </Button>
          <Button onClick={leave} disabled={isSaving} data-testid="unsaved-discard">
            Discard
          </Button>
          {onSave !== undefined && (
            <Button
              variant="filled"
              loading={isSaving}
              onClick={() => void save()}
              data-testid="unsaved-save"
            >
              Save Changes
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

/** Whether the values differ from what they were at first or were when they were last kept. */
export function useDirty<T>(values: T): readonly [isDirty: boolean, keep: (saved: T) => void] {
  const [kept, setKept] = useState(() => JSON.stringify(values))
  return [JSON.stringify(values) !== kept, saved => setKept(JSON.stringify(saved))]
}

/** True from the answer on; a form that stays and is changed again asks again. */
function useLeaving(isDirty: boolean) {
  const isLeaving = useRef(false)
  useEffect(() => {
    if (!isDirty) isLeaving.current = false
  }, [isDirty])
  return isLeaving
}
