/**
 * Error codes of the command line: options that cannot be used.
 * Everything else that a command fails with comes from the room it calls.
 * Wrong usage that the parser finds by itself is told by the parser, with exit code 1.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const CLI_ERRORS = declareErrors('cli', {
  OPTION: {
    kind: 'config',
    summary: 'An option or argument of a command has a value that cannot be used.',
    advice: 'See `scamander help <command>`.',
  },
})
