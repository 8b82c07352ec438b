/**
 * The text that a failed connector or task shows as its trace: code, message and what to do.
 * Stacks only when debugging: they tell users nothing and make answers long.
 * Used for the `trace` of the status answers. Holds no value of a record and no secret, because
 * messages never do.
 */
import type { ScamanderError } from '../base/scamander-error.ts'

const CAUSES_MAX = 5

export function toTrace(error: ScamanderError, isDebug: boolean): string {
  const text = `${error.code}: ${error.message}\n${error.advice}`
  return isDebug ? `${text}\n${stacksOf(error).join('\nCaused by: ')}` : text
}

function stacksOf(error: unknown): string[] {
  const stacks: string[] = []
  let current = error
  while (current instanceof Error && stacks.length < CAUSES_MAX) {
    stacks.push(current.stack ?? current.message)
    current = current.cause
  }
  return stacks
}
