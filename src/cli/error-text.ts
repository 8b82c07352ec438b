/**
 * How a command ends that failed: the text for people and the exit code, both by the kind of the
 * error. Stacks are shown with `--debug` only.
 * Spec: style, Errors (exit codes); connect-rest 6.
 */
import { type ErrorKind, isScamanderError, messageOf } from '../base/scamander-error.ts'

const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  config: 2,
  request: 2,
  data: 3,
  retriable: 4,
  disconnected: 4,
  fatal: 1,
  cancelled: 130,
}

export function exitCodeOf(error: unknown): number {
  return isScamanderError(error) ? EXIT_CODES[error.kind] : 1
}

export function errorText(error: unknown, isDebug: boolean): string {
  if (isDebug) return `${stackOf(error)}\n`
  const message = messageOf(error)
  if (!isScamanderError(error)) {
    return `error: ${message}\nRun again with --debug for details.\n`
  }
  return `error: ${message}\n${error.advice} [${error.code}]\n`
}

const CAUSES_MAX = 5

function stackOf(error: unknown): string {
  const stacks: string[] = []
  let current = error
  while (current instanceof Error && stacks.length < CAUSES_MAX) {
    stacks.push(current.stack ?? current.message)
    current = current.cause
  }
  return stacks.length === 0 ? messageOf(error) : stacks.join('\ncaused by: ')
}
