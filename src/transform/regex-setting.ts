/**
 * The validator of settings that are Java regular expressions, with Kafka's text.
 * Used by RegexRouter and TopicNameMatches.
 * Invariant: an expression that passes can be compiled when the plugin is made.
 */
import { JavaRegex } from '../base/java-regex.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Validator } from '../config/index.ts'

export const javaRegex: Validator<string> = {
  expected: 'a valid regex',
  check: text => {
    try {
      new JavaRegex(text)
      return []
    } catch (error) {
      return [`Invalid regex: ${messageOf(error)}`]
    }
  },
}
