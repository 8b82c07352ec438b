/**
 * The field of settings that hold KCQL: parsed with the configuration, so that `lint`, REST
 * validation and start-up report its problems in the same words, with line and column.
 * Used by the declarations of the KCQL sinks and sources.
 */
import { type FieldMaker, fieldMaker, type Parsed } from '../config/index.ts'
import { formatKcqlProblem, KcqlError } from './errors.ts'
import { parseKcql } from './parse-kcql.ts'
import type { KcqlStatement } from './syntax-tree.ts'

export interface KcqlText {
  readonly text: string
  readonly statements: readonly KcqlStatement[]
}

const EXPECTED = 'KCQL statements separated by ;'

export const kcqlField: FieldMaker<KcqlText> = fieldMaker<KcqlText>({
  type: 'STRING',
  width: 'LONG',
  format: value => value.text,
  schema: { type: 'string' },
  expected: EXPECTED,
  parse: parseKcqlText,
})

/** The value of such a setting, or its problems with line, column and excerpt. */
export function parseKcqlText(text: string): Parsed<KcqlText> {
  try {
    return { value: { text, statements: parseKcql(text) } }
  } catch (error) {
    if (!(error instanceof KcqlError)) throw error
    return {
      problems: error.problems.map(problem => ({
        what: 'value' as const,
        text: `${formatKcqlProblem(problem)}\n${problem.excerpt}`,
        expected: EXPECTED,
      })),
    }
  }
}
