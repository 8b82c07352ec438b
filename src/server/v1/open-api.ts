/**
 * The OpenAPI document of `/api/v1`, from its routes and the shapes of their bodies and answers: both are
 * declared once, the routes beside their handlers and the shapes as types of src/api-v1.ts.
 * Invariant: every schema that the document names is in it, and no other.
 * Spec: backlog-replication 2.16.
 */
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { Route } from '../route.ts'
import { API_SHAPES, type ShapeName } from './api-shapes.ts'

/** `X[]` is a list: `{ "items": [X, …] }`. */
export type ShapeOrList = ShapeName | `${ShapeName}[]`

export interface RouteShapes {
  readonly takes?: ShapeOrList | Schema
  /** Nothing: the answer has no JSON. */
  readonly gives?: ShapeOrList | Schema
  /** @default 200, or 204 without an answer */
  readonly status?: number
  /** What each parameter of the query means. */
  readonly query?: Readonly<Record<string, string>>
}

export type Schema = Readonly<Record<string, unknown>>

const REF = '#/components/schemas/'

export function openApi(routes: readonly Route[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route) }
  }
  const schemas = Object.fromEntries(
    [...namedIn(paths)].sort().map(name => [name, API_SHAPES[name as ShapeName]]),
  )
  const info = { title: 'Scamander', version: PRODUCT_VERSION }
  return { openapi: '3.1.0', info, paths, components: { schemas } }
}

function toOperation(route: Route): Schema {
  const { takes, gives, status, query = {} } = route.shapes ?? {}
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }))
  const inQuery = Object.entries(query).map(([name, description]) => ({
    ...{ name, in: 'query', description, schema: { type: 'string' } },
  }))
  const body = {
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(takes) } } },
  }
  const content = { content: { 'application/json': { schema: schemaOf(gives) } } }
  const isUnknown = route.shapes === undefined
  const done = String(status ?? (isUnknown ? '2XX' : gives === undefined ? 204 : 200))
  const failed = {
    description: 'Refused; nothing was changed.',
    content: { 'application/problem+json': { schema: schemaOf('Problem') } },
  }
  return {
    summary: route.summary,
    parameters: [...inPath, ...inQuery],
    ...(takes === undefined ? {} : body),
    responses: {
      [done]: { description: 'Done', ...(gives === undefined ? {} : content) },
      default: failed,
    },
  }
}

function schemaOf(shape: ShapeOrList | Schema | undefined): Schema {
  if (typeof shape !== 'string') return shape ?? {}
  if (!shape.endsWith('[]')) return { $ref: `${REF}${shape}` }
  const items = { type: 'array', items: { $ref: `${REF}${shape.slice(0, -2)}` } }
  return { type: 'object', properties: { items }, required: ['items'] }
}

/** Names of schemas, and of those that they name in turn. */
function namedIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  for (const [key, one] of Object.entries(value)) {
    if (key !== '$ref' || typeof one !== 'string') namedIn(one, found)
    else if (!found.has(one.slice(REF.length))) {
      found.add(one.slice(REF.length))
      namedIn(API_SHAPES[one.slice(REF.length) as ShapeName], found)
    }
  }
  return found
}
