/**
 * Error codes of the engine. Their kinds say what the engine does with its own failures;
 * component errors pass through with their own codes.
 * Spec: connect-rest 14 (messages that Connect users search for).
 */
import { declareErrors } from '../base/scamander-error.ts'

export const PIPELINE_ERRORS = declareErrors('pipeline', {
  TOLERANCE_EXCEEDED: {
    kind: 'fatal',
    summary: 'A record could not be converted, transformed or written and nothing tolerates that.',
    advice:
      'Repair the record or its producer, set errors.tolerance=all with a dead-letter topic, ' +
      'then restart the task.',
  },
  ATTEMPTS_EXHAUSTED: {
    kind: 'fatal',
    summary: 'One record failed as often as scamander.errors.max.attempts allows.',
    advice: 'Configure errors.deadletterqueue.topic.name, or repair the record, then restart.',
  },
  UNEXPECTED: {
    kind: 'fatal',
    summary: 'A component failed in a way that the engine does not know.',
    advice: 'Report the trace; restart the task to try again.',
  },
})
