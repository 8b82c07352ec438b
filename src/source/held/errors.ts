/**
 * Error codes of tasks that hold work of their worker.
 * Met where a configuration asks for work that is not offered, and after a pause.
 * Spec: design, decision 5.
 */
import { declareErrors } from '../../base/scamander-error.ts'

export const HELD_ERRORS = declareErrors('held', {
  NOT_HERE: {
    kind: 'config',
    summary: 'This worker does not offer the work of that connector.',
    advice:
      'Set scamander.replicate.topic in the properties of all workers; they make the connector themselves.',
  },
  PAUSED: {
    kind: 'disconnected',
    summary: 'The connector was paused, so that its work was laid down; it is taken again.',
    advice: 'Nothing; the task goes on by itself.',
  },
})
