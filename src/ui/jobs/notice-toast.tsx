/**
 * The toast of a run that ended, in every tab, with the way to the run.
 * Called by the stream of events.
 * Invariants: success leaves by itself; what went wrong stays; the text is the server's own; one that
 * is equal to one that is still there takes its place and counts it.
 * Spec: ui 4.6, 8 (`toast` of runs); backlog-replication 2.12.
 */
import { notifications } from '@mantine/notifications'
import type { Notice } from '../../api-v1.ts'

/** How often a toast that is still there was told. */
const shown = new Map<string, number>()

export function toastNotice(notice: Notice, go: (to: string) => void): void {
  const { kind, state, text, jobId, runId, rows, elapsedMs } = notice
  const isGood = state === 'SUCCESS' || state === 'CANCELLED'
  const to = `/jobs/${jobId}/runs/${runId}`
  const id = `notice-${jobId ?? notice.id}-${state}`
  const count = (shown.get(id) ?? 0) + 1
  const facts = {
    ...{ 'data-testid': 'toast', 'data-kind': kind, 'data-state': state, 'data-run-id': runId },
    ...{ 'data-rows': rows, 'data-elapsed-ms': elapsedMs, role: isGood ? 'status' : 'alert' },
  }
  const toast = {
    id,
    color: isGood ? 'accent' : 'error',
    autoClose: isGood ? 10_000 : (false as const),
    closeButtonProps: { 'aria-label': 'Close the message' },
    onClose: () => void shown.delete(id),
    ...facts,
    message: (
      <>
        <span data-testid="toast-text">{text}</span>{' '}
        {count > 1 && <span data-testid="toast-count">×{count} </span>}
        {runId !== null && (
          <button
            type="button"
            className="sc-text-button"
            onClick={() => {
              notifications.hide(id)
              go(to)
            }}
            data-testid="toast-link"
          >
            View run
          </button>
        )}
      </>
    ),
  }
  if (count > 1) notifications.update(toast)
  else notifications.show(toast)
  shown.set(id, count)
}
