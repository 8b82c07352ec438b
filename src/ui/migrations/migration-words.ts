/**
 * The words and states of the screens of migrations, and what is derived from an answer.
 * Invariant: nothing is called equal or complete that was not looked at.
 * Spec: ui 3 (Status), 5.6.
 */
import type {
  MigrationAct,
  MigrationActKind,
  MigrationActTable,
  MigrationCheck,
} from '../../api-v1-migrations.ts'
import { toCounted } from '../parts/format.ts'

export const WORKING: Readonly<Record<MigrationActKind, string>> = {
  copy: 'Copying',
  validate: 'Validating',
  repair: 'Repairing',
}

export const KINDS: readonly (readonly [kind: string, word: string])[] = [
  ['missing', 'missing'],
  ['value', 'value'],
  ['writetime', 'write time'],
  ['ttl', 'ttl'],
  ['extra', 'extra'],
  ['target-newer', 'target newer'],
]

/** State and words of a `StatusChip`. */
export function shownTable(
  { state }: MigrationActTable,
  kind: MigrationActKind,
): readonly [state: string, text: string] {
  switch (state) {
    case 'running':
      return ['WORKING', WORKING[kind]]
    case 'waiting':
      return ['QUEUED', 'Queued']
    case 'passed':
      return ['SUCCESS', kind === 'copy' ? 'Copied' : 'Equal']
    case 'differs':
      return ['WARNING', kind === 'copy' ? 'Rejects' : 'Differences']
    case 'failed':
      return ['FAILED', 'Failed']
    default:
      return ['STOPPED', 'Stopped']
  }
}

const ACT_ENDS: Readonly<Record<string, readonly [state: string, text: string]>> = {
  passed: ['SUCCESS', 'Done'],
  differs: ['WARNING', 'Done, with differences'],
  failed: ['FAILED', 'Failed'],
  stopped: ['STOPPED', 'Stopped'],
}

export function shownAct(act: MigrationAct): readonly [state: string, text: string] {
  if (act.state === 'running') return ['WORKING', WORKING[act.kind]]
  const [state, text] = ACT_ENDS[act.state] ?? ['UNKNOWN', 'Unknown']
  const isRejected = act.kind === 'copy' && act.state === 'differs'
  return [state, isRejected ? 'Done, with rejects' : text]
}

/** The sentence beside the button that leads on. */
export function missingText(checks: readonly MigrationCheck[]): string {
  const missing = checks.filter(one => one.state === 'failed').length
  if (missing === 0) return 'All checks are passed or accepted.'
  return `${toCounted(missing, 'check is', 'checks are')} missing`
}

/** Of the whole act, by the ranges of its tables. */
export function shareOf({ tables }: MigrationAct): number {
  if (tables.length === 0) return 0
  const done = (one: MigrationActTable) =>
    one.state === 'passed' || one.state === 'differs' ? 1 : one.share
  return tables.reduce((sum, one) => sum + done(one), 0) / tables.length
}
