/**
 * A password or other secret that cannot be printed by accident: every implicit way to text
 * (template, JSON, inspection, console) gives `[hidden]`. Made by password fields; unwrapped with
 * `reveal()` only where the secret leaves for its server.
 */
import { inspect } from 'node:util'

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
  /(password|passphrase|secret|token|credential|jaas\.config|user\.info|private\.?key|api\.?key|ssl\.keystore\.key)/i

/** True for keys that by their name hold a secret; covers keys no declaration knows. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEY.test(key)
}

/** True for text that holds key material itself instead of naming a file. */
export function isInlineSecret(text: string): boolean {
  return /^\s*base64:/.test(text) || text.includes('-----BEGIN')
}
