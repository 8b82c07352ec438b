/**
 * Converters of a connector: the check of their classes and settings, and their making.
 * A converter's declaration is evaluated under its prefix (`value.converter.`), so findings and
 * validation answers carry whole keys. Used by connector-config.ts and when a task is built.
 * Spec: connect-rest 5.2, 9, 11.
 */
import { assert } from '../base/assert.ts'
import { findConverterClass } from '../catalog.ts'
import {
  type AnyConfig,
  type CheckContext,
  type ConfigSource,
  type Evaluation,
  evaluateConfig,
  type Fields,
  isKnownKey,
  type Lint,
  sourceOf,
} from '../config/index.ts'
import type { Converter, HeaderConverter } from '../flow/index.ts'
import { openRegistry } from '../kafka/index.ts'
import type { Named } from '../pipeline/index.ts'
import { converterOf } from './framework-config.ts'

const SERVICES = { openRegistry }
const ROLES = ['key.converter', 'value.converter', 'header.converter'] as const
export type ConverterRole = (typeof ROLES)[number]

interface ConverterEvaluation {
  readonly config: AnyConfig
  readonly evaluation: Evaluation<Fields>
}

/** For a connector, or for a worker: those converters that the source itself names. */
export function converterEvaluations(source: ConfigSource): ConverterEvaluation[] {
  return ROLES.map(role => evaluateRole(role, source))
}

function evaluateRole(role: ConverterRole, source: ConfigSource): ConverterEvaluation {
  const className = source.entries.get(role)?.value.trim() ?? ''
  const options = under(`${role}.`, source)
  if (className === '') return alone(options.map(key => withoutEffect(role, key, source)))
  const found = findConverterClass(className)
  if (found === undefined) {
    const text = `Class ${className} could not be found.`
    return alone([problem(role, className, { text, source })])
  }
  if (role !== 'header.converter' && found.createConverter === undefined) {
    const text = `Class ${className} converts headers only.`
    return alone([problem(role, className, { text, source })])
  }
  const config = prefixed(found.config, `${role}.`)
  const entries = new Map(options.map(key => [key, source.entries.get(key)!]))
  return { config, evaluation: evaluateConfig(config, { ...source, entries, lints: [] }) }
}

/** The converter of a role, the connector's or the worker's. */
export function makeConverter(
  role: 'key.converter' | 'value.converter',
  connector: ConfigSource,
  worker: ConfigSource,
): Named<Converter> {
  const choice = converterOf(role, connector, worker)
  const factory = choice && findConverterClass(choice.className)
  assert(choice !== undefined && factory?.createConverter !== undefined, `${role} was checked`)
  const component = factory.createConverter(choice.options, role === 'key.converter', SERVICES)
  return { className: factory.className, component }
}

const DEFAULT_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

export function makeHeaderConverter(
  connector: ConfigSource,
  worker: ConfigSource,
): Named<HeaderConverter> {
  const choice = converterOf('header.converter', connector, worker)
  const factory = findConverterClass(choice?.className ?? DEFAULT_HEADER_CONVERTER)
  assert(factory !== undefined, 'header.converter was checked')
  const component = factory.createHeaderConverter(choice?.options ?? sourceOf({}), SERVICES)
  return { className: factory.className, component }
}

function under(prefix: string, source: ConfigSource): string[] {
  const isOption = (key: string) => key.startsWith(prefix) && key !== `${prefix}plugin.version`
  return [...source.entries.keys()].filter(isOption)
}

const EMPTY: AnyConfig = {
  name: 'converter',
  fields: {},
  summary: '',
  description: '',
  examples: [],
  groups: [],
  crossCheck: () => undefined,
}

/** Findings without a declaration. */
function alone(lints: readonly Lint[]): ConverterEvaluation {
  return { config: EMPTY, evaluation: { settings: {}, lints, states: [] } }
}

function prefixed(config: AnyConfig, prefix: string): AnyConfig {
  const fields = Object.entries(config.fields).map(([property, field]) => {
    if (field.kind === 'pattern') return [property, field] as const
    const aliases = field.aliases.map(alias => ({ ...alias, key: prefix + alias.key }))
    return [property, { ...field, name: prefix + field.name, aliases }] as const
  })
  return {
    ...config,
    fields: Object.fromEntries(fields),
    crossCheck: (settings, context) =>
      config.crossCheck(settings, prefixedContext(context, config, prefix)),
  }
}

/** A converter's rules speak of its own keys; findings are told with whole keys. */
function prefixedContext(context: CheckContext, config: AnyConfig, prefix: string): CheckContext {
  const whole = (text: string) =>
    text.replace(/[\w.]+\w/g, word => (isKnownKey(config, word) ? prefix + word : word))
  return {
    source: context.source,
    entryOf: key => context.entryOf(prefix + key),
    isSet: key => context.isSet(prefix + key),
    hasFailed: key => context.hasFailed(prefix + key),
    show: key => context.show(prefix + key),
    report: report => {
      const { key, message, advice } = report
      const told = advice === undefined ? {} : { advice: whole(advice) }
      context.report({ ...report, key: prefix + key, message: whole(message), ...told })
    },
  }
}

function problem(
  key: string,
  found: string,
  { text, source }: { text: string; source: ConfigSource },
): Lint {
  const message = `Invalid value ${found} for configuration ${key}: ${text}`
  return { kind: 'invalid', severity: 'error', key, message, ...placeOf(key, source) }
}

function withoutEffect(role: ConverterRole, key: string, source: ConfigSource): Lint {
  return {
    kind: 'no-effect',
    severity: 'warning',
    key,
    message: `"${key}" has no effect: ${role} is not set here, so the worker's converter is used with the worker's settings`,
    advice: `Set ${role} as well, or remove "${key}".`,
    ...placeOf(key, source),
  }
}

function placeOf(key: string, source: ConfigSource) {
  const location = source.entries.get(key)?.location
  return location === undefined ? {} : { location }
}
