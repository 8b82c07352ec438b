/**
 * The rule that `field` is a path of the chosen syntax: a cross check of the transforms that have
 * the settings `field` and `field.syntax.version`.
 * Invariant: a path that passes can be parsed when the transform is made.
 */
import { messageOf } from '../base/scamander-error.ts'
import type { CheckContext } from '../config/index.ts'
import { parseFieldPath } from './field-path.ts'

export function checkFieldPath(
  settings: { readonly field: string; readonly syntax: 'V1' | 'V2' },
  context: CheckContext,
): void {
  if (!context.isSet('field')) return
  try {
    parseFieldPath(settings.field, settings.syntax)
  } catch (error) {
    const shown = context.show('field')
    const message = `Invalid value ${shown} for configuration field: ${messageOf(error)}`
    context.report({ key: 'field', kind: 'invalid', message })
  }
}
