/**
 * Error codes of the transforms, and the one way they are thrown.
 * All are of kind `data`: the record is at fault, the engine tolerates, skips or dead-letters it.
 * Invariant: messages are Kafka's texts where it has them, without the values of the record.
 */
import { declareErrors, type ErrorDeclaration, ScamanderError } from '../base/scamander-error.ts'

export const TRANSFORM_ERRORS = declareErrors('transform', {
  SHAPE: {
    kind: 'data',
    summary: 'A transform needs a struct, a map or a schema, and the key or value is none.',
    advice: 'Use a converter that yields fields, or guard the transform with a predicate.',
  },
  FIELD: {
    kind: 'data',
    summary: 'A transform names a field that is missing, or makes one that exists already.',
    advice: 'Correct the field names in the settings of the transform.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A transform cannot convert the value of a field to the type it is set to.',
    advice: 'Correct the value at the producer, or the type, format or fields of the transform.',
  },
})

export function dataError(declaration: ErrorDeclaration, message: string): ScamanderError {
  return new ScamanderError(declaration, message)
}
