/**
 * Why a task thread ended, and what that means for each run that was in it.
 * Used by task-host.ts when it ends a thread.
 * Invariants: the run whose code was executing fails with the reason; with a run at fault the others
 * are only displaced; without one all fail, because any of them may be the cause.
 */
import { type ErrorDeclaration, ScamanderError } from '../../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../errors.ts'

export type ThreadEnd =
  /** The event loop did not turn. */
  | { readonly how: 'hangs'; readonly silentMs: number }
  | { readonly how: 'memory'; readonly what: 'objects' | 'buffers'; readonly limitMb: number }
  | { readonly how: 'error'; readonly message: string }
  /** Nothing ran in it, or the worker ends. */
  | { readonly how: 'closed' }

/** As much of a run as is told. */
export interface NamedRun {
  readonly connector: string
  readonly task: number
}

const NAMES_MAX = 10

export function errorOf(
  end: ThreadEnd,
  run: NamedRun,
  all: { readonly culprit: NamedRun | undefined; readonly runs: readonly NamedRun[] },
): ScamanderError {
  const { culprit, runs } = all
  if (culprit === run) return new ScamanderError(codeOf(end), `task ${nameOf(run)} ${told(end)}`)
  if (culprit !== undefined) {
    const message = `task ${nameOf(culprit)} ${told(end)}; this one was in the same thread`
    return new ScamanderError(CONNECT_ERRORS.THREAD_LOST, message)
  }
  const which = runs.length === 1 ? `task ${nameOf(run)}` : `one of the tasks ${listOf(runs)}`
  return new ScamanderError(codeOf(end), `${which} ${told(end)}`)
}

/** Without the tasks, for the log. */
export function told(end: ThreadEnd): string {
  switch (end.how) {
    case 'hangs':
      return `kept its thread busy for ${Math.round(end.silentMs / 100) / 10} s without a pause, and the thread was ended`
    case 'memory':
      return `was in a thread that used more than ${end.limitMb} MB of memory for ${end.what}, and the thread was ended`
    case 'error':
      return `was in a thread that ended with an error: ${end.message}`
    case 'closed':
      return 'was in a thread that was ended'
  }
}

export function nameOf({ connector, task }: NamedRun): string {
  return `${connector}-${task}`
}

function listOf(runs: readonly NamedRun[]): string {
  const names = runs.slice(0, NAMES_MAX).map(nameOf).join(', ')
  const more = runs.length - NAMES_MAX
  return more > 0 ? `${names} and ${more} more` : names
}

function codeOf({ how }: ThreadEnd): ErrorDeclaration {
  if (how === 'hangs') return CONNECT_ERRORS.TASK_HANGS
  return how === 'memory' ? CONNECT_ERRORS.TASK_MEMORY : CONNECT_ERRORS.THREAD_ENDED
}
