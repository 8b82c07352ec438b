/**
 * Error codes of the configuration room, and the one error that carries many problems.
 * Thrown by the readers and by `parseConfig`; the CLI prints its message, the REST server turns
 * `problems` into its answer. Invariant: no message holds a secret or a provider's value.
 */
import { declareErrors, type ErrorDeclaration, ScamanderError } from '../base/scamander-error.ts'
import { formatLint, type Lint } from './lint.ts'

export const CONFIG_ERRORS = declareErrors('config', {
  INVALID: {
    kind: 'config',
    summary: 'A configuration has one or more wrong, missing or conflicting settings.',
    advice: 'Correct every setting listed in the message; nothing was started.',
  },
  SYNTAX: {
    kind: 'config',
    summary: 'A configuration file is neither valid JSON nor a valid properties file.',
    advice: 'Correct the text at the line and column given.',
  },
  UNREADABLE: {
    kind: 'config',
    summary: 'A configuration file cannot be read.',
    advice: 'Check that the path exists, is a regular file and may be read by this user.',
  },
  AMBIGUOUS_CLASS: {
    kind: 'config',
    summary: 'A short class name fits more than one plugin.',
    advice: 'Give the full class name.',
  },
})

/** All problems of one configuration, reported together. */
export class ConfigError extends ScamanderError {
  readonly problems: readonly Lint[]

  constructor(
    declaration: ErrorDeclaration,
    problems: readonly Lint[],
    options: { title?: string; cause?: unknown } = {},
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    const lines = problems.map(problem => `\n  ${formatLint(problem)}`).join('')
    super(declaration, `${options.title ?? 'Configuration'}: ${count}${lines}`, {
      context: { problems: problems.length },
      cause: options.cause,
    })
    this.problems = problems
  }
}
