/**
 * The state of anything: shape, word and colour together. Used by every list and page head.
 * Invariant: a state that is not known yet reads Unknown; nothing unknown is ever green.
 * Spec: ui 3 (Status).
 */
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconClock,
  IconLoader2,
  IconPlayerPauseFilled,
  IconSquareFilled,
  IconXboxXFilled,
} from '@tabler/icons-react'

export type Role = 'ok' | 'active' | 'off' | 'warn' | 'error' | 'paused'

type Icon = typeof IconClock

const WORDS: Readonly<Record<string, readonly [Role, Icon, string]>> = {
  RUNNING: ['ok', IconCircleCheckFilled, 'Running'],
  RESTARTING: ['active', IconLoader2, 'Restarting'],
  UNASSIGNED: ['off', IconClock, 'Unassigned'],
  DEGRADED: ['warn', IconAlertTriangleFilled, 'Degraded'],
  FAILED: ['error', IconXboxXFilled, 'Failed'],
  PAUSED: ['paused', IconPlayerPauseFilled, 'Paused'],
  STOPPED: ['off', IconSquareFilled, 'Stopped'],
  SUCCESSFUL: ['ok', IconCircleCheckFilled, 'Successful'],
  TESTING: ['active', IconLoader2, 'Testing'],
  WORKING: ['active', IconLoader2, 'Working'],
  UNTESTED: ['off', IconCircleDashed, 'Untested'],
  AUTH_EXPIRED: ['error', IconXboxXFilled, 'Sign-in expired'],
  AUTH_FAILED: ['error', IconXboxXFilled, 'Key refused'],
  QUEUED: ['off', IconClock, 'Queued'],
  WAITING_RATE_LIMIT: ['off', IconClock, 'Waiting for rate limit'],
  SUCCESS: ['ok', IconCircleCheckFilled, 'Success'],
  WARNING: ['warn', IconAlertTriangleFilled, 'Warning'],
  PARTIAL: ['warn', IconAlertTriangleFilled, 'Partial'],
  SKIPPED: ['warn', IconAlertTriangleFilled, 'Skipped'],
  CANCELLED: ['off', IconSquareFilled, 'Cancelled'],
  passed: ['ok', IconCircleCheckFilled, 'Passed'],
  warning: ['warn', IconAlertTriangleFilled, 'Warning'],
  failed: ['error', IconXboxXFilled, 'Not passed'],
  skipped: ['off', IconCircleDashed, 'Skipped'],
  DELIVERING: ['ok', IconCircleCheckFilled, 'Delivering'],
  READY: ['ok', IconCircleCheckFilled, 'Ready'],
  BEHIND: ['warn', IconAlertTriangleFilled, 'Falling behind'],
  RETRYING: ['warn', IconAlertTriangleFilled, 'Retrying'],
  WAITING: ['warn', IconAlertTriangleFilled, 'Waiting'],
  accepted: ['warn', IconAlertTriangleFilled, 'Accepted'],
  UP: ['ok', IconCircleCheckFilled, 'Up'],
  DOWN: ['error', IconXboxXFilled, 'Down'],
}

const UNKNOWN: readonly [Role, Icon, string] = ['off', IconCircleDashed, 'Unknown']

interface StatusChipProps {
  readonly state: string
  /** Instead of the word of the state. */
  readonly text?: string | undefined
  readonly testId?: string
  /** Of a run: under way is not yet well. */
  readonly isRun?: boolean
  /** Looks and words of what holds it up, while its state is what it is. */
  readonly held?: { readonly look: string; readonly text: string } | undefined
}

export function StatusChip(props: StatusChipProps) {
  const { state, text, testId = 'status', isRun = false, held } = props
  const shown = held?.look ?? (isRun && state === 'RUNNING' ? 'WORKING' : state)
  const [role, Icon, word] = WORDS[shown] ?? UNKNOWN
  return (
    <span className="sc-status" data-role={role} data-state={state} data-testid={testId}>
      <Icon size={16} aria-hidden />
      {held?.text ?? text ?? word}
    </span>
  )
}

export function stateWord(state: string): string {
  return (WORDS[state] ?? UNKNOWN)[2]
}
