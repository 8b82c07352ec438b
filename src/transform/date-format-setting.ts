/**
 * The validator of settings that are SimpleDateFormat patterns.
 * Used by TimestampConverter and TimestampRouter.
 * Invariant: a pattern that passes can be compiled when the transform is made.
 */
import { SimpleDateFormat } from '../base/java-time/simple-date-format.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Validator } from '../config/index.ts'

export const dateFormat: Validator<string> = {
  expected: 'a SimpleDateFormat-compatible pattern',
  check: pattern => {
    try {
      new SimpleDateFormat(pattern)
      return []
    } catch (error) {
      return [`not a SimpleDateFormat-compatible pattern: ${messageOf(error)}`]
    }
  },
}
