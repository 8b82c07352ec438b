/**
 * Takes the fields that are known by name out of what a caller sent, each of the right type.
 * Called for drafts and changes of jobs and tasks.
 * Invariants: a field that has no check is left out, so that nothing else reaches a stored document; a
 * wrong one is refused by its name.
 * Spec: backlog-replication 2.
 */
import { fieldError } from './task-target.ts'

export interface FieldCheck {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

export const TEXT: FieldCheck = { expected: 'a text', fits: one => typeof one === 'string' }
export const FLAG: FieldCheck = {
  expected: 'true or false',
  fits: one => typeof one === 'boolean',
}
export const NUMBER: FieldCheck = { expected: 'a number', fits: one => Number.isFinite(one) }
export const COUNT: FieldCheck = {
  expected: 'a whole number of 0 or more',
  fits: one => Number.isSafeInteger(one) && Number(one) >= 0,
}
export const OBJECT: FieldCheck = {
  expected: 'an object',
  fits: one => typeof one === 'object' && one !== null && !Array.isArray(one),
}
export const TEXTS = listOf(TEXT, 'a list of texts')

export function listOf({ fits }: FieldCheck, expected: string): FieldCheck {
  return { expected, fits: one => Array.isArray(one) && one.every(fits) }
}

export function oneOf(...values: readonly string[]): FieldCheck {
  return {
    expected: `one of ${values.join(', ')}`,
    fits: one => typeof one === 'string' && values.includes(one),
  }
}

/** Such a check, or null. */
export function orNull({ expected, fits }: FieldCheck): FieldCheck {
  return { expected: `${expected}, or null`, fits: one => one === null || fits(one) }
}

/** `at`: where the object stands, such as `settings.`. */
export function pick<T extends object>(
  given: T,
  checks: Readonly<Record<keyof T, FieldCheck>>,
  at = '',
): Partial<T> {
  if (!OBJECT.fits(given))
    throw fieldError(at.replace(/\.$/, ''), `${at.replace(/\.$/, '')}: expected an object`)
  const picked: Partial<T> = {}
  for (const key of Object.keys(checks) as (keyof T & string)[]) {
    const value = given[key]
    if (value === undefined) continue
    const { fits, expected } = checks[key]
    if (!fits(value)) throw fieldError(`${at}${key}`, `${at}${key}: expected ${expected}`)
    picked[key] = value
  }
  return picked
}
