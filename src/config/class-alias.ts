/**
 * Java-style class names: full name, simple name, or simple name without a trailing word such as
 * `Connector`. Plugins are published under the names of the products they replace.
 * Spec: connect-rest 2.4.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { CONFIG_ERRORS } from './errors.ts'

/** The part after the last dot or dollar sign. */
export function simpleClassName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1)
}

/**
 * The full name that `name` means among `known`, or undefined; throws when a short name is
 * ambiguous. `suffix` is the word a short name may omit.
 */
export function resolveClassName(
  name: string,
  known: readonly string[],
  suffix = 'Connector',
): string | undefined {
  if (known.includes(name)) return name
  const fitting = known.filter(one => {
    const simple = simpleClassName(one)
    return simple === name || (simple !== suffix && simple === `${name}${suffix}`)
  })
  const exact = fitting.filter(one => simpleClassName(one) === name)
  const found = exact.length > 0 ? exact : fitting
  if (found.length > 1) {
    throw new ScamanderError(
      CONFIG_ERRORS.AMBIGUOUS_CLASS,
      `More than one class matches ${name}: ${found.join(', ')}; give the full name`,
    )
  }
  return found[0]
}

/** Connect's text for a class that is not there. */
export function unknownClassMessage(name: string, key: string): string {
  return `Invalid value ${name} for configuration ${key}: Class ${name} could not be found.`
}
