/**
 * Values of client properties by key, typed by the table of `client-keys.ts`: the one place where
 * text becomes a number, a flag or a list, with Java's rules, and where a bad value is refused.
 * Used by the client and security settings. Messages show the value only of keys that are not secret.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { CLIENT_KEYS, type ClientKey, type ClientKeyName } from './client-keys.ts'
import { KAFKA_ERRORS } from './errors.ts'

export class KeyValues {
  readonly #properties: Readonly<Record<string, string>>

  constructor(properties: Readonly<Record<string, string>>) {
    this.#properties = properties
  }

  /** Parses every known key, so that a mistake shows even where the value is not used. */
  checkAll(): void {
    for (const key of Object.keys(CLIENT_KEYS) as ClientKeyName[]) {
      const { type } = CLIENT_KEYS[key]
      if (type === 'int') this.int(key)
      else if (type === 'boolean') this.flag(key)
      else if (type === 'list') this.list(key)
      else this.text(key)
    }
  }

  int(key: ClientKeyName): number {
    const { min = 0, max = Number.MAX_SAFE_INTEGER }: ClientKey = CLIENT_KEYS[key]
    const text = this.#raw(key) ?? ''
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
    // Long.MAX_VALUE is Kafka's way to say "no limit".
    const capped = value > Number.MAX_SAFE_INTEGER ? max : value
    if (!(capped >= min && capped <= max))
      throw badValue(key, text, `a number from ${min} to ${max}`)
    return capped
  }

  flag(key: ClientKeyName): boolean {
    const text = (this.#raw(key) ?? '').toLowerCase()
    if (text !== 'true' && text !== 'false') throw badValue(key, text, 'true or false')
    return text === 'true'
  }

  /** Undefined when not given and without a default. */
  text(key: ClientKeyName): string | undefined {
    const value = this.#raw(key)
    const { values }: ClientKey = CLIENT_KEYS[key]
    if (value === undefined || values === undefined) return value
    const match = values.find(one => one.toLowerCase() === value.toLowerCase())
    if (match === undefined) throw badValue(key, value, `one of ${values.join(', ')}`)
    return match
  }

  /** Items without blanks around them; empty ones are left out. */
  list(key: ClientKeyName): string[] {
    const { values }: ClientKey = CLIENT_KEYS[key]
    const items = (this.#raw(key) ?? '').split(',').map(item => item.trim())
    const given = items.filter(item => item !== '')
    const bad = given.find(item => values !== undefined && !values.includes(item))
    if (bad !== undefined) throw badValue(key, bad, `items of ${values!.join(', ')}`)
    return given
  }

  #raw(key: ClientKeyName): string | undefined {
    const entry: ClientKey = CLIENT_KEYS[key]
    const given = this.#properties[key]
    // A PEM text keeps its lines; everything else is trimmed, as Java does.
    return given === undefined ? entry.default : given.trim()
  }
}

/** The error for a value that cannot be used. */
export function badValue(key: ClientKeyName, found: string, expected: string): ScamanderError {
  const entry: ClientKey = CLIENT_KEYS[key]
  const shown = entry.type === 'password' ? 'another value' : `"${found}"`
  return new ScamanderError(
    KAFKA_ERRORS.BAD_SETTING,
    `${key}: expected ${expected}, found ${shown}`,
    { context: { key } },
  )
}
