/**
 * Settings that several transforms share: null handling, field path syntax, lists of names.
 * Used by the declarations of the classes in this room.
 * Spec: connect-rest 15.
 */
import { booleanField, enumField, type Field, listField, type Validator } from '../config/index.ts'

export const replaceNullField: Field<boolean> = booleanField('replace.null.with.default', {
  default: true,
  doc: 'A null in a field with a default value is read as the default; false keeps the null.',
})

export const syntaxField: Field<'V1' | 'V2'> = enumField('field.syntax.version', ['V1', 'V2'], {
  default: 'V1',
  importance: 'high',
  ignoreCase: true,
  doc:
    'V1: field is the name of one field. V2: field is a path, its names separated by dots; ' +
    'a name that has dots itself stands between back-ticks.',
})

export const nonEmptyList: Validator<readonly string[]> = {
  expected: 'a non-empty list',
  check: list => (list.length === 0 ? ['Empty list'] : []),
}

export function namesField(
  name: string,
  doc: string,
  examples: readonly string[],
): Field<readonly string[]> {
  return listField(name, {
    required: true,
    importance: 'high',
    validator: nonEmptyList,
    doc,
    examples,
  })
}

/** `a:b` pairs; undefined when an element has another form. */
export function toPair(text: string): readonly [string, string] | undefined {
  const parts = text.split(':')
  // Java's split drops empty strings at the end.
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts.length === 2 ? [parts[0]!, parts[1]!] : undefined
}
