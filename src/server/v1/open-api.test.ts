/**
 * The OpenAPI document against the routes and their real answers: every route tells its shapes, every
 * schema that is named is there, and what the routes answer fits.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../config/index.ts'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { Access } from '../access.ts'
import { Callers } from '../callers.ts'
import { HttpServer } from '../http-server.ts'
import type { Method } from '../route.ts'
import { EventStreams } from './event-stream.ts'
import { withRights } from './rights.ts'
import { v1Routes } from './v1-routes.ts'

type Schema = Readonly<Record<string, unknown>>
interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>
  >
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const folder = mkdtempSync(join(tmpdir(), 'scamander-open-api-'))
const logger = Logger.silent()
const replicator = new Replicator(folder, logger)
const events = new EventStreams(replicator)
const routes = v1Routes({ replicator, events, hasLogin: false, hasConnect: false })
const none = new Secret('')
const http = new HttpServer({
  routes: withRights(routes, new Callers('', () => undefined)),
  access: new Access({ users: none, token: none }),
  logger,
})
let document: Document
let job = ''

beforeAll(async () => {
  const space = { url: 'http://127.0.0.1:9', apiKey: 'none', allowPlainHttp: true }
  const cluster = { server: '127.0.0.1', port: 9, database: 'ops', authScheme: 'None' }
  const source = await call('POST', '/connections', {
    ...{ name: 'acme', connector: 'backlog', properties: space },
  })
  const destination = await call('POST', '/connections', {
    ...{ name: 'here', connector: 'cassandra', properties: cluster },
  })
  const made = await call('POST', '/jobs', {
    ...{ name: 'nightly', source: source.body.connection.id },
    destination: destination.body.connection.id,
  })
  job = made.body.id
  await call('POST', `/jobs/${job}/tasks`, { table: 'Issues' })
  const { body } = await call('POST', `/jobs/${job}/runs`, {})
  await replicator.waitFor(body.id)
  document = (await call('GET', '/openapi.json')).body
})
afterAll(async () => {
  await http.close()
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

async function call(method: Method, url: string, body?: unknown) {
  const headers = { 'content-type': 'application/json', host: 'localhost' }
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
  const answer = await http.inject({ method, url: `/api/v1${url}`, headers, ...payload })
  return { status: answer.status, body: JSON.parse(answer.body) }
}

/** Where the value does not fit; empty: it does. */
function misfits(value: unknown, schema: Schema, at = '$'): string[] {
  if (typeof schema['$ref'] === 'string')
    return misfits(value, document.components.schemas[schema['$ref'].split('/').at(-1)!]!, at)
  const choices = schema['anyOf'] as Schema[] | undefined
  if (choices !== undefined)
    return choices.some(one => misfits(value, one, at).length === 0) ? [] : [at]
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? [] : [at]
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
  if (schema['type'] !== undefined && schema['type'] !== type)
    return [`${at}: ${type}, expected ${schema['type']}`]
  if (type === 'array' && schema['items'] !== undefined)
    return (value as unknown[]).flatMap((one, index) =>
      misfits(one, schema['items'] as Schema, `${at}[${index}]`),
    )
  if (type !== 'object') return []
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  const missing = ((schema['required'] ?? []) as string[]).filter(
    name => !(name in (value as object)),
  )
  const wrong = Object.entries(value as object).flatMap(([name, one]) => {
    const known = properties[name] ?? (schema['additionalProperties'] as Schema | undefined)
    const isOpen = Object.keys(properties).length === 0
    if (known === undefined) return isOpen ? [] : [`${at}.${name} is not declared`]
    return misfits(one, known, `${at}.${name}`)
  })
  return [...missing.map(name => `${at}.${name} is missing`), ...wrong]
}

/** They answer no JSON, or are declared by the routes of people and their tokens. */
const WITHOUT = /\/(events|openapi\.json)$|^\/oauth|^\/api\/v1\/(tokens|users|account|addresses)/

describe('the OpenAPI document', () => {
  it('has shapes for every route', () => {
    const without = routes.filter(one => one.shapes === undefined && !WITHOUT.test(one.path))
    expect(without.map(one => `${one.method} ${one.path}`)).toEqual([])
  })

  it('has every schema that it names', () => {
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)]
    expect(names.length).toBeGreaterThan(50)
    const missing = names.map(one => one[1]!).filter(one => !(one in document.components.schemas))
    expect(missing).toEqual([])
  })

  it('tells what a draft of a job is made of', () => {
    const { requestBody } = document.paths['/api/v1/jobs']!['post']!
    expect(requestBody?.content['application/json']?.schema).toEqual({
      $ref: '#/components/schemas/JobDraft',
    })
    expect(document.components.schemas['JobDraft']).toMatchObject({
      properties: { type: { $ref: '#/components/schemas/JobType' } },
      required: ['name', 'source', 'destination'],
    })
    expect(document.components.schemas['RunRequest']).toMatchObject({
      properties: { mode: { enum: ['incremental', 'full', 'reconcile', 'dry-run'] } },
    })
  })

  it.each([
    ...['/connectors-available', '/connections', '/jobs', '/jobs/{id}', '/runs', '/notices'],
    ...['/audit', '/session', '/alerts/rules', '/alerts/channel-kinds', '/jobs/{id}/alerts'],
  ])('is what GET %s answers', async path => {
    const { status, body } = await call('GET', path.replace('{id}', job))
    const { responses } = document.paths[`/api/v1${path}`]!['get']!
    const schema = responses[String(status)]?.content?.['application/json']?.schema
    expect(misfits(body, schema ?? { enum: [] })).toEqual([])
  })

  it('is what a refusal answers', async () => {
    const refused = await call('POST', '/jobs', { name: 'x', source: 'nobody', destination: 'y' })
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'source'])
    expect(misfits(refused.body, { $ref: '#/components/schemas/Problem' })).toEqual([])
  })
})
