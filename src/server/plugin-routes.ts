/**
 * The calls on plugins: what can be configured, by which keys, and whether a configuration is
 * valid. Answers derive from the declarations of the components.
 * Spec: connect-rest 2.4, 5.
 */
import type { PluginInfo } from '../api.ts'
import { PRODUCT_VERSION } from '../base/product-version.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  connectorClasses,
  converterFactories,
  findConnectorClass,
  findConverterClass,
  findStepClass,
  predicateFactories,
  transformFactories,
} from '../catalog.ts'
import { type ConfigKeyInfo, configKeys, simpleClassName } from '../config/index.ts'
import {
  CONNECT_ERRORS,
  frameworkConfigOf,
  type Herder,
  missingClass,
  unknownConnectorMessage,
} from '../connect/index.ts'
import { parseConfig } from './request-body.ts'
import { json, type Route } from './route.ts'

export function pluginRoutes(worker: Herder): Route[] {
  return [
    {
      method: 'GET',
      path: '/connector-plugins',
      summary: 'Classes that a configuration can name.',
      query: { connectorsOnly: '`false`: transforms, predicates and converters too' },
      handle: call => json(200, plugins(call.query.get('connectorsOnly') !== 'false')),
    },
    {
      method: 'GET',
      path: '/connector-plugins/:plugin/config',
      summary: 'Every setting of a class, given by its name or alias.',
      query: { version: 'version or range of versions that the class must have' },
      handle: call => {
        const plugin = call.params['plugin'] ?? ''
        const keys = keysOf(plugin)
        checkVersion(plugin, call.query.get('version'))
        return json(200, keys)
      },
    },
    {
      method: 'PUT',
      path: '/connector-plugins/:plugin/config/validate',
      summary: 'Checks a configuration: 200 with every finding.',
      body: '`{"connector.class": "…", "key": "value", …}`',
      takesBody: true,
      handle: async call => {
        const config = parseConfig(call.body)
        checkClass(call.params['plugin'] ?? '', config)
        return json(200, await worker.validate(config))
      },
    },
  ]
}

function plugins(connectorsOnly: boolean): PluginInfo[] {
  const version = PRODUCT_VERSION
  const ofType = (type: 'sink' | 'source') => connectorClasses.filter(one => one.type === type)
  const connectors: PluginInfo[] = [...ofType('sink'), ...ofType('source')].map(one => ({
    class: one.className,
    type: one.type,
    version: one.version,
  }))
  if (connectorsOnly) return connectors
  const factories = converterFactories()
  const converters = factories.filter(one => one.createConverter !== undefined)
  return [
    ...connectors,
    ...transformFactories().map(one => step(one.className, 'transformation')),
    ...predicateFactories().map(one => step(one.className, 'predicate')),
    ...converters.map(one => ({ class: one.className, type: 'converter' as const, version })),
    ...factories.map(one => ({ class: one.className, type: 'header_converter' as const, version })),
  ]
}

function step(className: string, type: 'transformation' | 'predicate'): PluginInfo {
  return { class: className, type, version: PRODUCT_VERSION }
}

/** Connector keys first, then those of the framework that the connector does not define. */
function keysOf(plugin: string): ConfigKeyInfo[] {
  const connector = findConnectorClass(plugin)
  if (connector !== undefined) {
    const own = configKeys(connector.config)
    const names = new Set(own.map(key => key.name))
    const framework = configKeys(frameworkConfigOf(connector.type))
    return [...own, ...framework.filter(key => !names.has(key.name))]
  }
  const converter = findConverterClass(plugin)
  if (converter !== undefined) return configKeys(converter.config)
  const stepClass = findStepClass(plugin)
  if (stepClass !== undefined) return configKeys(stepClass.config)
  throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_PLUGIN, `Unknown plugin ${plugin}.`)
}

/** There is one version of every class: a range must have it. */
function checkVersion(plugin: string, given: string | null): void {
  const range = given?.trim() ?? ''
  if (range === '' || range === 'latest') return
  const isRange = /^[[(][^[\]()]*[\])]$/.test(range)
  if (!isRange && /[[\]()]/.test(range)) throw badVersion(`Invalid version specification: ${range}`)
  if (isRange ? isWithin(PRODUCT_VERSION, range) : range === PRODUCT_VERSION) return
  const shown = isRange ? range : `[${range},${range}]`
  throw badVersion(
    `Plugin ${plugin} not found that matches the version range ${shown}, available versions: [${PRODUCT_VERSION}]`,
  )
}

/** `[1.0,2.0)`, `(,2.0]`, `[1.0]`. */
function isWithin(version: string, range: string): boolean {
  const [low = '', high = low] = range
    .slice(1, -1)
    .split(',')
    .map(part => part.trim())
  const below = low === '' ? 1 : compareVersions(version, low)
  const above = high === '' ? -1 : compareVersions(version, high)
  const isLow = range.startsWith('[') ? below >= 0 : below > 0
  return isLow && (range.endsWith(']') ? above <= 0 : above < 0)
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

function badVersion(message: string): ScamanderError {
  return new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
}

function checkClass(plugin: string, config: Readonly<Record<string, string>>): void {
  const className = config['connector.class']?.trim() ?? ''
  if (className === '') {
    throw missingClass(config)
  }
  const found = findConnectorClass(className)
  if (found === undefined) {
    throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_CLASS, unknownConnectorMessage(className))
  }
  const isSame = findConnectorClass(plugin) === found
  if (isSame || simpleClassName(className) === simpleClassName(plugin)) return
  const message = `Included connector type ${className} does not match request type ${plugin}`
  throw new ScamanderError(CONNECT_ERRORS.BAD_REQUEST, message)
}
