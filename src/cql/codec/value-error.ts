/**
 * The errors of the codecs: a value that does not fit (SCM_CQL_VALUE), bytes that are no value of
 * their type (SCM_CQL_CELL). Used by all codecs, so that their messages read alike.
 * Invariant: messages name the CQL type and the kind of value, never the value.
 */
import { Decimal } from '../../base/decimal.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { CQL_ERRORS } from '../errors.ts'

/** `expected` is a phrase such as "a number"; `value` is only looked at for its type. */
export function wrongValue(typeName: string, expected: string, value: unknown): ScamanderError {
  const message = `${typeName}: expected ${expected}, found ${kindOf(value)}`
  return new ScamanderError(CQL_ERRORS.VALUE, message, { context: { type: typeName } })
}

/** The value has the right type but not a legal content: `what` says which rule it breaks. */
export function badValue(typeName: string, what: string): ScamanderError {
  return new ScamanderError(CQL_ERRORS.VALUE, `${typeName}: ${what}`, {
    context: { type: typeName },
  })
}

/** The bytes of a cell break the type's layout. */
export function badCell(typeName: string, what: string): ScamanderError {
  return new ScamanderError(CQL_ERRORS.CELL, `cell of type ${typeName}: ${what}`, {
    context: { type: typeName },
  })
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `array of ${value.length}`
  if (Buffer.isBuffer(value)) return 'Buffer'
  if (value instanceof Decimal) return 'Decimal'
  return typeof value
}
