/**
 * What a parsed value may be: data for documentation and JSON schema, and a check whose texts are
 * those of Kafka's ConfigDef. Used by the field constructors; components add their own.
 * Invariant: a check is pure except for files it looks at, and returns every problem it finds.
 */
export interface Validator<T> {
  /** What is accepted, in words. */
  readonly expected: string
  /** The problems of a value; empty when it is fine. */
  check(value: T): readonly string[]
  readonly what?: 'range' | 'value'
  /** Choices for forms and documentation. */
  readonly choices?: readonly string[]
  /** JSON schema keywords. */
  readonly schema?: Readonly<Record<string, unknown>>
  /** Connect adds "Value must be non-null" when the text cannot be parsed. */
  readonly nonNull?: boolean
}

export function range(bounds: { min?: number; max?: number }): Validator<number> {
  const { min, max } = bounds
  const words = [min === undefined ? '' : `≥ ${min}`, max === undefined ? '' : `≤ ${max}`]
  return {
    expected: words.filter(word => word !== '').join(' and '),
    what: 'range',
    nonNull: true,
    schema: {
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
    },
    check: value => {
      if (min !== undefined && value < min) return [`Value must be at least ${min}`]
      if (max !== undefined && value > max) return [`Value must be no more than ${max}`]
      return []
    },
  }
}

export function nonEmpty(): Validator<string> {
  return {
    expected: 'a non-empty text',
    check: value => (value === '' ? ['String must be non-empty'] : []),
    schema: { minLength: 1 },
  }
}

/** Kafka's rule for names: not empty, no control characters. */
export function nameText(): Validator<string> {
  return {
    expected: 'a non-empty text without control characters',
    schema: { minLength: 1 },
    check: value => {
      if (value === '') return ['String may not be empty']
      const bad = [...value].filter(char => char < ' ' || char === '\x7f')
      if (bad.length === 0) return []
      const codes = bad.map(char => char.charCodeAt(0)).join(', ')
      return [
        `String may not contain control sequences but had the following ASCII chars: ${codes}`,
      ]
    },
  }
}

/** A validator from a predicate that returns problems. */
export function checked<T>(expected: string, check: (value: T) => readonly string[]): Validator<T> {
  return { expected, check }
}
