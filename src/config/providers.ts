/**
 * Config providers: replaces `${provider:path:key}` references by text from files, directories and
 * the environment before anything is validated. Called by the runtime with the worker's providers.
 * Invariant: an entry touched by a provider is `hidden`: its value appears in no message. Unknown
 * providers and missing keys leave the reference as written, as Kafka does, with a warning.
 * Spec: connect-rest 16, cassandra-sink 1.2.
 */
import { readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { messageOf } from '../base/scamander-error.ts'
import type { Lint } from './lint.ts'
import { readProperties } from './properties.ts'
import { isBareReference, isSecretKey } from './secret.ts'
import { type ConfigEntry, type ConfigSource, subSource } from './source.ts'

/** Undefined: no such key, the reference stays. Throws `Error` for an unusable path. */
export type ConfigProvider = (path: string, key: string) => string | undefined
export type ConfigProviders = ReadonlyMap<string, ConfigProvider>

export interface ProviderOptions {
  /** Folders or files that may be read; undefined: all. */
  readonly allowedPaths?: readonly string[] | undefined
  /** Environment variables that may be read; undefined: all. */
  readonly allowlistPattern?: string | undefined
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What a worker's own providers are made with. */
export interface ProviderParts {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Named secrets. @default of a worker that keeps none */
  readonly secret?: ConfigProvider | undefined
}

export function fileProvider(options: ProviderOptions = {}): ConfigProvider {
  const cache = new Map<string, ConfigSource>()
  return (path, key) => {
    if (path === '') return undefined
    assertAllowed(path, options)
    const known = cache.get(path) ?? readProperties(readFileSync(path, 'utf8'))
    cache.set(path, known)
    return known.entries.get(key)?.value
  }
}

export function directoryProvider(options: ProviderOptions = {}): ConfigProvider {
  return (path, key) => {
    if (path === '') return undefined
    if (key.includes('/') || key.includes(sep) || key === '..' || key === '.') {
      throw new Error('the file name may not contain a path')
    }
    const file = resolve(path, key)
    assertAllowed(file, options)
    return readFileSync(file, 'utf8')
  }
}

export function envProvider(options: ProviderOptions = {}): ConfigProvider {
  const env = options.env ?? process.env
  const { allowlistPattern } = options
  const allowed = allowlistPattern === undefined ? /^/ : new RegExp(`^(?:${allowlistPattern})$`)
  return (path, key) => {
    if (path !== '') throw new Error('a path is not allowed, only the name of a variable')
    return allowed.test(key) ? env[key] : undefined
  }
}

/** Named secrets of a server that has a product database; without one every reference is an error. */
export function secretProvider(find?: (name: string) => string | undefined): ConfigProvider {
  return (path, name) => {
    if (path !== '') throw new Error('a path is not allowed, only the name of a secret')
    if (find === undefined)
      throw new Error('this worker keeps no named secrets, only `scamander start` does')
    const found = find(name)
    if (found === undefined) throw new Error(`the server has no secret ${name}`)
    return found
  }
}

/** `env`, `file`, `dir`, `directory` and `secret`, usable without being declared. */
export function defaultProviders(options: ProviderOptions = {}): Map<string, ConfigProvider> {
  const directory = directoryProvider(options)
  return new Map<string, ConfigProvider>([
    // Nobody can tell without the server.
    [SECRET, () => undefined],
    ['env', envProvider(options)],
    ['file', fileProvider(options)],
    ['dir', directory],
    ['directory', directory],
  ])
}

const SECRET = 'secret'
const MAKERS: Readonly<Record<string, (options: ProviderOptions) => ConfigProvider>> = {
  FileConfigProvider: fileProvider,
  DirectoryConfigProvider: directoryProvider,
  EnvVarConfigProvider: envProvider,
}

/** The providers a worker declares with `config.providers*`, on top of the default ones. */
export function providersOf(
  worker: ConfigSource,
  { env, secret = secretProvider() }: ProviderParts = {},
): { providers: ConfigProviders; lints: readonly Lint[] } {
  const shared = env === undefined ? {} : { env }
  const providers = defaultProviders(shared).set(SECRET, secret)
  const lints: Lint[] = []
  const names = (worker.entries.get('config.providers')?.value ?? '').split(',')
  for (const name of names.map(part => part.trim()).filter(part => part !== '')) {
    const own = subSource(worker, `config.providers.${name}.`).entries
    const key = `config.providers.${name}.class`
    const className = own.get('class')?.value.trim() ?? ''
    const make = MAKERS[className.slice(className.lastIndexOf('.') + 1)]
    if (make === undefined) {
      lints.push(unknownProvider(key, className))
      continue
    }
    const paths = own.get('param.allowed.paths')?.value
    providers.set(
      name,
      make({
        ...shared,
        allowedPaths: paths?.split(',').map(part => part.trim()),
        allowlistPattern: own.get('param.allowlist.pattern')?.value,
      }),
    )
  }
  return { providers, lints }
}

function unknownProvider(key: string, className: string): Lint {
  const message =
    className === ''
      ? `Missing required configuration "${key}" which has no default value.`
      : `Invalid value ${className} for configuration ${key}: Class ${className} could not be found.`
  const expected = Object.keys(MAKERS).join(', ')
  return { kind: 'invalid', severity: 'error', key, message, expected }
}

const REFERENCE = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g

/** A source with its references replaced; what stays as written becomes lints of the new source. */
export function resolveProviders(source: ConfigSource, providers: ConfigProviders): ConfigSource {
  const lints: Lint[] = [...source.lints]
  const entries = new Map<string, ConfigEntry>()
  for (const [key, entry] of source.entries) {
    entries.set(key, resolveEntry(key, entry, { providers, lints }))
  }
  return { ...source, entries, lints }
}

function resolveEntry(
  key: string,
  entry: ConfigEntry,
  run: { providers: ConfigProviders; lints: Lint[] },
): ConfigEntry {
  const given: string[] = []
  const value = entry.value.replace(REFERENCE, (text, name: string, _p, path = '', name2 = '') => {
    const provider = run.providers.get(name)
    if (provider === undefined) {
      run.lints.push(unknownReference({ key, text, entry }, name, run.providers))
      return text
    }
    try {
      const found = provider(path, name2)
      if (found === undefined) run.lints.push(unsetReference({ key, text, entry }, name))
      else given.push(found)
      return found ?? text
    } catch (error) {
      run.lints.push(failedReference({ key, text, entry }, name, error))
      return text
    }
  })
  return given.length > 0 ? { ...entry, value, hidden: true, given } : entry
}

interface ReferencePlace {
  readonly key: string
  /** The reference as written. */
  readonly text: string
  readonly entry: ConfigEntry
}

function unsetReference({ key, text, entry }: ReferencePlace, name: string): Lint {
  if (name === SECRET)
    return {
      ...{ kind: 'invalid', severity: 'warning', key },
      message: `The reference ${text} of configuration ${key} was not looked up: only the server knows its secrets`,
      advice:
        'Add the secret in Settings, Secrets of that server before the connector is launched.',
      ...locationOf(entry),
    }
  return {
    kind: 'invalid',
    severity: 'warning',
    key,
    message: `The reference ${text} of configuration ${key} is not set; the text stays as written`,
    advice:
      'Set the variable or the key of the file that it names, check what the provider allows, or write the value itself.',
    ...locationOf(entry),
  }
}

/** Inside a secret, what looks like a reference may be a part of the secret: it is not shown. */
function unknownReference(
  { key, text, entry }: ReferencePlace,
  name: string,
  providers: ConfigProviders,
): Lint {
  const isShown = isBareReference(entry.value) || !isSecretKey(key)
  const reference = isShown ? `The reference ${text}` : 'A reference'
  const provider = isShown ? `the provider "${name}"` : 'its provider'
  return {
    kind: 'invalid',
    severity: 'warning',
    key,
    message: `${reference} of configuration ${key} is not resolved: ${provider} is not known; the text stays as written`,
    expected: `one of ${[...providers.keys()].join(', ')}`,
    advice:
      'Declare the provider with config.providers in the worker (for lint: --worker <file>), or write the value itself.',
    ...locationOf(entry),
  }
}

const SECRET_ADVICE =
  'Add the secret in Settings, Secrets of `scamander start`, correct its name, or use the providers file, env or directory.'

function failedReference(at: ReferencePlace, name: string, error: unknown): Lint {
  const code = (error as NodeJS.ErrnoException).code
  const reason = code === undefined ? messageOf(error).split('\n')[0]! : `cannot be read (${code})`
  return {
    kind: 'invalid',
    severity: 'error',
    key: at.key,
    message: `The reference ${at.text} of configuration ${at.key} cannot be resolved: ${reason}`,
    advice:
      name === SECRET
        ? SECRET_ADVICE
        : 'Check the path, its permissions and the allowed paths of the provider.',
    ...locationOf(at.entry),
  }
}

function locationOf(entry: ConfigEntry) {
  return entry.location === undefined ? {} : { location: entry.location }
}

function assertAllowed(path: string, options: ProviderOptions): void {
  if (options.allowedPaths === undefined) return
  const file = resolve(path)
  const inside = options.allowedPaths.some(allowed => {
    const root = resolve(allowed)
    return file === root || file.startsWith(root.endsWith(sep) ? root : root + sep)
  })
  if (!inside) throw new Error('the path is not among the allowed paths')
}
