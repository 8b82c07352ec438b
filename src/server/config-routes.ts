/**
 * What is asked of a configuration before there is a connector, under `/api/v1`: findings of `lint`, the
 * keys with variable parts that a class knows, and what becomes of the last records of its topics.
 * Put among the routes of a worker by `openConnectorPage`.
 * Invariant: nothing is created, written or moved. Shapes: src/api-v1-connectors.ts. Spec: ui 5.4.
 */
import type { ConfigLint, ConfigPattern } from '../api-v1-connectors.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { findConnectorClass } from '../catalog.ts'
import { patternKeys } from '../config/index.ts'
import { CONNECT_ERRORS, frameworkConfigOf, type Herder } from '../connect/index.ts'
import { type Call, json, type Route } from './route.ts'
import { v1Route } from './v1/problem.ts'

const CONFIG_BODY = '`{"config": {"connector.class": "…", "key": "value", …}}`'

export function configRoutes(herder: Herder): Route[] {
  return [
    v1Route({
      ...{ method: 'POST', path: '/api/v1/config/lint' },
      summary: 'What is said of a configuration without asking a server, warnings too.',
      body: CONFIG_BODY,
      handle: call => json(200, { items: lintsOf(herder, configOf(call)) }),
    }),
    v1Route({
      ...{ method: 'GET', path: '/api/v1/config/patterns/:plugin' },
      summary: 'Keys with variable parts that a connector class knows.',
      handle: call => json(200, { items: patternsOf(call.params['plugin'] ?? '') }),
    }),
    v1Route({
      ...{ method: 'POST', path: '/api/v1/connector-sample' },
      summary: 'What a configuration makes of the last record of each topic; nothing is written.',
      body: CONFIG_BODY,
      handle: async call => json(200, { items: await herder.samples(configOf(call)) }),
    }),
  ]
}

function lintsOf(herder: Herder, config: Record<string, string>): ConfigLint[] {
  return herder.lints(config).map(({ key, kind, severity, message, advice = null }) => ({
    ...{ key, kind, severity, message, advice },
  }))
}

/** The connector's own first. */
function patternsOf(plugin: string): ConfigPattern[] {
  const found = findConnectorClass(plugin)
  if (found !== undefined) {
    return [...patternKeys(found.config), ...patternKeys(frameworkConfigOf(found.type))]
  }
  throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_PLUGIN, `Unknown plugin ${plugin}.`)
}

function configOf({ body }: Call): Record<string, string> {
  const given: unknown = JSON.parse(body === '' ? '{}' : body)
  const config = isMap(given) ? given['config'] : undefined
  const entries = isMap(config) ? Object.entries(config) : []
  if (entries.length === 0 || entries.some(([, value]) => typeof value !== 'string')) {
    throw new SyntaxError('config: expected an object of texts')
  }
  return Object.fromEntries(entries) as Record<string, string>
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
