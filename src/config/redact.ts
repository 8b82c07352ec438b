/**
 * A copy of a configuration that may be logged or shown: values of PASSWORD fields, of keys whose
 * name says secret and of inline key material read `[hidden]`.
 * Called before a configuration is logged; the REST API serves configurations as they were given.
 */
import type { AnyConfig } from './define-config.ts'
import { HIDDEN, isInlineSecret, isSecretKey } from './secret.ts'

export function redact(
  config: AnyConfig,
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  const out = Object.entries(settings).map(([key, value]) => {
    const byName = isSecretKey(key) && !isPlainPattern(config, key)
    const secret = byName || isPassword(config, key) || isInlineSecret(value)
    return [key, secret && !isReference(value) ? HIDDEN : value] as const
  })
  return Object.fromEntries(out)
}

function isPassword(config: AnyConfig, key: string): boolean {
  return Object.values(config.fields).some(declared => {
    if (declared.kind === 'pattern') {
      return declared.field.type === 'PASSWORD' && declared.match(key) !== undefined
    }
    const keys = [declared.name, ...declared.aliases.map(alias => alias.key)]
    return declared.type === 'PASSWORD' && keys.includes(key)
  })
}

/** `topic.<topic>.….mapping`: the variable parts are names of the user's, the last part decides. */
function isPlainPattern(config: AnyConfig, key: string): boolean {
  return Object.values(config.fields).some(
    declared =>
      declared.kind === 'pattern' &&
      declared.field.type !== 'PASSWORD' &&
      /\w$/.test(declared.pattern) &&
      declared.match(key) !== undefined,
  )
}

/** A bare `${provider:…}` reference is not a secret. */
function isReference(value: string): boolean {
  return /^\$\{[^}]*\}$/.test(value)
}
