/**
 * A password or other secret that cannot be printed by accident: every implicit way to text
 * (template, JSON, inspection, console) gives `[hidden]`. Made by password fields; unwrapped with
 * `reveal()` only where the secret leaves for its server.
 */
import { inspect } from 'node:util'
import { suggestKey } from './suggest.ts'

/** What stands in for a secret in messages, logs and REST answers. */
export const HIDDEN = '[hidden]'

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The secret itself: never put the result into a message. */
  reveal(): string {
    return this.#value
  }

  get isEmpty(): boolean {
    return this.#value === ''
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

const SECRET_KEY =
  /(password|passwd|pwd|passphrase|secret|token|credential|jaas\.config|user\.info|private\.?key|api\.?key|ssl\.keystore\.key)/i
/** Long enough that only a slip comes near them. */
const SECRET_WORDS = ['password', 'passphrase', 'credential', 'credentials']

/** True for keys that by their name hold a secret; covers keys no declaration knows, and slips. */
export function isSecretKey(key: string): boolean {
  if (SECRET_KEY.test(key)) return true
  const words = key.slice(key.lastIndexOf('.') + 1).match(/[A-Z]?[a-z]+/g) ?? []
  return words.some(word => suggestKey(word, SECRET_WORDS) !== undefined)
}

/** True for text that holds key material itself instead of naming a file. */
export function isInlineSecret(text: string): boolean {
  return /^\s*base64:/.test(text) || text.includes('-----BEGIN')
}

/** True for text that is one `${provider:…}` reference and nothing else: it holds no secret. */
export function isBareReference(text: string): boolean {
  return /^\$\{[^}]*\}$/.test(text)
}
