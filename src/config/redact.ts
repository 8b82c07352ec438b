/**
 * A copy of a configuration that may be logged or shown: values of PASSWORD fields, of keys whose
 * name says secret, of unknown keys near to one of these and of inline key material read
 * `[hidden]`.
 * Called before a configuration is logged or leaves by the REST API.
 */
import { type AnyConfig, keysOf } from './define-config.ts'
import { HIDDEN, isBareReference, isInlineSecret, isSecretKey } from './secret.ts'
import { suggestKey } from './suggest.ts'

/** Copies a configuration with its secrets hidden. */
export type Redactor = (settings: Readonly<Record<string, string>>) => Record<string, string>

/** Keys whose verdict is remembered: a thousand connectors have the same few keys. */
const VERDICTS_MAX = 10_000

/** `configs` together own the keys, e.g. a connector's declaration and the framework's. */
export function redactorOf(configs: readonly AnyConfig[]): Redactor {
  const isSecret = secretTest(configs)
  const verdicts = new Map<string, boolean>()
  const isSecretCached = (key: string) => {
    let verdict = verdicts.get(key)
    if (verdict === undefined) {
      verdict = isSecret(key)
      if (verdicts.size >= VERDICTS_MAX) verdicts.clear()
      verdicts.set(key, verdict)
    }
    return verdict
  }
  return settings => {
    const out = Object.entries(settings).map(([key, value]) => {
      const hide = !isBareReference(value) && (isInlineSecret(value) || isSecretCached(key))
      return [key, hide ? HIDDEN : value] as const
    })
    return Object.fromEntries(out)
  }
}

/** The same for one configuration. */
export function redact(
  configs: readonly AnyConfig[],
  settings: Readonly<Record<string, string>>,
): Record<string, string> {
  return redactorOf(configs)(settings)
}

function secretTest(configs: readonly AnyConfig[]): (key: string) => boolean {
  const names = new Set(configs.flatMap(keysOf))
  const secrets = [...names].filter(
    key => isSecretKey(key) || configs.some(config => isPassword(config, key)),
  )
  return key => {
    if (isSecretKey(key) && !configs.some(config => isPlainPattern(config, key))) return true
    if (configs.some(config => isPassword(config, key))) return true
    // A pattern that takes any ending knows a misspelled secret too: only whole names count here.
    if (names.has(key)) return false
    // Of many connectors together, another key may be nearer than the secret that is meant.
    return suggestKey(key, secrets) !== undefined
  }
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
