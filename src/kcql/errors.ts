/**
 * Error codes of the KCQL room, and the one error that carries every problem of a text.
 * Thrown by `parseKcql`; front ends add problems of their own with `kcqlProblem`.
 * Invariant: a problem has a place; `excerpt` shows the line with a caret below the place.
 */
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'

export const KCQL_ERRORS = declareErrors('kcql', {
  SYNTAX: {
    kind: 'config',
    summary: 'A KCQL text cannot be understood.',
    advice: 'Correct the text at the line and column given.',
  },
})

export interface KcqlProblem {
  readonly message: string
  /** What to do, as far as it can be told. */
  readonly hint: string | undefined
  readonly offset: number
  /** Both from 1. */
  readonly line: number
  readonly column: number
  /** The line of the text and, below it, a caret. */
  readonly excerpt: string
}

/** All problems of one KCQL text. */
export class KcqlError extends ScamanderError {
  readonly problems: readonly KcqlProblem[]

  constructor(problems: readonly KcqlProblem[]) {
    const texts = problems.map(one => `${formatKcqlProblem(one)}\n${one.excerpt}`)
    super(KCQL_ERRORS.SYNTAX, texts.join('\n'), { context: { problems: problems.length } })
    this.problems = problems
  }
}

const EXCERPT_CHARS_MAX = 100

/** A problem at an offset of a text. */
export function kcqlProblem(
  text: string,
  offset: number,
  what: { message: string; hint?: string | undefined },
): KcqlProblem {
  const before = text.slice(0, offset).split(/\r\n|[\r\n]/)
  const lineStart = offset - before.at(-1)!.length
  const rest = text.slice(lineStart).split(/[\r\n]/, 1)[0]!
  const column = offset - lineStart + 1
  return {
    message: what.message,
    hint: what.hint,
    offset,
    line: before.length,
    column,
    excerpt: excerptOf(rest, column - 1),
  }
}

/** `line 1:8: message; hint` */
export function formatKcqlProblem({ line, column, message, hint }: KcqlProblem): string {
  return `line ${line}:${column}: ${message}${hint === undefined ? '' : `; ${hint}`}`
}

/** The part of the line around the place, with a caret below it. */
function excerptOf(line: string, at: number): string {
  const from = Math.max(0, Math.min(at - EXCERPT_CHARS_MAX / 2, line.length - EXCERPT_CHARS_MAX))
  const shown = line.slice(from, from + EXCERPT_CHARS_MAX).replaceAll('\t', ' ')
  return `  ${shown}\n  ${' '.repeat(at - from)}^`
}
