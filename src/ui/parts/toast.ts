/**
 * The short messages at the lower right. Called by actions after the server answered.
 * Invariant: success leaves by itself; what went wrong stays until it is closed.
 * Spec: ui 4.6.
 */
import { notifications } from '@mantine/notifications'
import { withoutHidden } from './data-grid/grid-cell.tsx'
import { toSentence } from './format.ts'
import { adviceOf } from './panel.tsx'

export function toastDone(message: string): void {
  if (isRepeated(message)) return
  notifications.show({
    message: withoutHidden(message),
    color: 'accent',
    autoClose: 6000,
    ...ids('change', 'status'),
  })
}

export function toastProblem(title: string, error: Error): void {
  const message = `${toSentence(error.message)} ${adviceOf(error)}`
  if (isRepeated(title + message)) return
  notifications.show({
    title: withoutHidden(title),
    message: withoutHidden(message),
    color: 'error',
    autoClose: false,
    ...ids('problem', 'alert'),
  })
}

/** The second click of a double click ends as the first, and is told once. */
function isRepeated(text: string): boolean {
  const nowMs = performance.now()
  const isSame = text === last.text && nowMs - last.atMs < REPEATED_MS
  last = { text, atMs: nowMs }
  return isSame
}

const REPEATED_MS = 700
let last = { text: '', atMs: 0 }

function ids(kind: string, role: string) {
  return { 'data-testid': 'toast', 'data-kind': kind, role, closeButtonProps: CLOSE }
}

const CLOSE = { 'aria-label': 'Close the message' }
