/**
 * The toast of a run that ended, in every tab, with the way to the run.
 * Called by the stream of events.
 * Invariants: success leaves by itself; what went wrong stays; the text is the server's own.
 * Spec: ui 4.6, 8 (`toast` of runs); backlog-replication 2.12.
 */
import { notifications } from '@mantine/notifications'
import type { Notice } from '../../api-v1.ts'

export function toastNotice(notice: Notice, go: (to: string) => void): void {
  const { id, kind, state, text, jobId, runId, rows, elapsedMs } = notice
  const isGood = state === 'SUCCESS' || state === 'CANCELLED'
  const to = `/jobs/${jobId}/runs/${runId}`
  const facts = {
    ...{ 'data-testid': 'toast', 'data-kind': kind, 'data-state': state, 'data-run-id': runId },
    ...{ 'data-rows': rows, 'data-elapsed-ms': elapsedMs, role: isGood ? 'status' : 'alert' },
  }
  notifications.show({
    id: `notice-${id}`,
    color: isGood ? 'accent' : 'error',
    autoClose: isGood ? 10_000 : false,
    closeButtonProps: { 'aria-label': 'Close the message' },
    ...facts,
    message: (
      <>
        <span data-testid="toast-text">{text}</span>{' '}
        {runId !== null && (
          <button
            type="button"
            className="sc-text-button"
            onClick={() => {
              notifications.hide(`notice-${id}`)
              go(to)
            }}
            data-testid="toast-link"
          >
            View run
          </button>
        )}
      </>
    ),
  })
}
