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
  UNREACHABLE: {
    kind: 'disconnected',
    summary: 'The REST API of the worker does not answer.',
    advice:
      'Check --url or SCAMANDER_URL, and that the worker runs; for a certificate of your own authority set NODE_EXTRA_CA_CERTS.',
  },
  LOGIN: {
    kind: 'config',
    summary: 'The REST API does not accept the login.',
    advice: 'Set SCAMANDER_TOKEN, or SCAMANDER_USER and SCAMANDER_PASSWORD.',
  },
  ANSWER: {
    kind: 'fatal',
    summary: 'The address answers, but not with what a worker answers.',
    advice: 'Check that --url is the REST API of a worker.',
  },
  BAD_REQUEST: {
    kind: 'config',
    summary: 'The worker finds something wrong with what it was sent.',
    advice: 'Correct what the message names.',
  },
  REFUSED: {
    kind: 'request',
    summary: 'The worker refuses: unknown name, or a state in which it cannot be done.',
    advice:
      'Look at `scamander connect list` and `scamander connect status`; of capture at `scamander advrep channel status`.',
  },
  UNREADY: {
    kind: 'retriable',
    summary: 'The worker, or a server that it needs, cannot do it at the moment.',
    advice: 'Try again in a moment.',
  },
  FAILED: {
    kind: 'fatal',
    summary: 'The worker failed to do it.',
    advice: 'Look at the log of the worker.',
  },
})
