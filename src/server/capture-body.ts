/**
 * Bodies of calls on change capture: JSON objects with texts, lists of texts and switches.
 * Used by the routes of capture. What is absent or null is undefined.
 * Invariant: a member of another type is refused with its name.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { SERVER_ERRORS } from './errors.ts'
import type { Call } from './route.ts'

export type Body = Readonly<Record<string, unknown>>

export function parseBody({ body }: Call): Body {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body
  } catch {
    // Told below, like every other body that is no object.
  }
  throw refused('expected a JSON object as body')
}

export function required(body: Body, name: string): string {
  const value = textOf(body, name)
  if (value !== undefined && value !== '') return value
  throw refused(`expected a text in "${name}"`)
}

export function textOf(body: Body, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw refused(`${name}: expected a text`)
}

export function textsOf(body: Body, name: string): string[] | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value) && value.every(one => typeof one === 'string')) return value
  throw refused(`${name}: expected a list of texts`)
}

export function booleanOf(body: Body, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  throw refused(`${name}: expected true or false`)
}

export function refused(message: string): ScamanderError {
  return new ScamanderError(SERVER_ERRORS.BODY, message)
}
