/**
 * Error codes of the converters, and the one way they are thrown.
 * All are of kind `data`: the record is at fault, the engine tolerates, skips or dead-letters it.
 * Invariant: messages name types, lengths and places, never a value of the record.
 */
import { declareErrors, type ErrorDeclaration, ScamanderError } from '../base/scamander-error.ts'

export const CONVERT_ERRORS = declareErrors('convert', {
  BYTES: {
    kind: 'data',
    summary: 'The bytes of a key, value or header are not of the form its converter reads.',
    advice: 'Set the converter to the one that the producer of the topic used.',
  },
  JSON: {
    kind: 'data',
    summary: 'A key or value is not valid JSON.',
    advice: 'Set the converter to the one that the producer used, or repair the producer.',
  },
  ENVELOPE: {
    kind: 'data',
    summary: 'JSON with schemas enabled lacks the schema and payload members.',
    advice: 'Set schemas.enable=false for plain JSON, or write the envelope.',
  },
  SCHEMA: {
    kind: 'data',
    summary:
      'The schema of a JSON envelope or of the registry is malformed, unknown or does not fit.',
    advice: 'Correct the schema that the producer writes.',
  },
  FRAMING: {
    kind: 'data',
    summary: 'A key or value does not begin with the byte 0 and the id of a registered schema.',
    advice: 'Set the converter to the one that the producer of the topic used.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value does not fit the schema that comes with it.',
    advice: 'Correct the value or its schema at the producer, or in a transform.',
  },
})

/** A data error; `cause` when another error explains it. */
export function dataError(
  declaration: ErrorDeclaration,
  message: string,
  cause?: unknown,
): ScamanderError {
  return new ScamanderError(declaration, message, cause === undefined ? {} : { cause })
}
