/**
 * The routes of `/api/v1/migrations`: plan a migration, look at it, move it on or back. Each calls the
 * migration desk, which asks clusters and proxies at that moment.
 * Shapes: src/api-v1.ts. Spec: live-migration 5.
 */
import type { MigrationAdvance, MigrationCluster, MigrationDraft } from '../../api-v1-migrations.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { MIGRATE_ERRORS, type MigrationDesk, type ProjectCluster } from '../../migrate/index.ts'
import { type Call, json, type Route } from '../route.ts'
import { v1Route } from './problem.ts'
import { userOf } from './v1-calls.ts'

const BASE = '/api/v1/migrations'

export function migrationRoutes(desk: MigrationDesk): Route[] {
  const name = (call: Call) => call.params['name']!
  return [
    v1Route({
      method: 'GET',
      path: BASE,
      summary: 'All migrations.',
      handle: () => {
        const items = desk
          .list()
          .map(one => ({ name: one.name, phase: one.phase, since: one.since }))
        return json(200, { items })
      },
    }),
    v1Route({
      method: 'POST',
      path: BASE,
      summary: 'Plans a migration and looks at both clusters.',
      handle: async call =>
        json(201, await desk.plan(toDraft(bodyOf<MigrationDraft>(call)), userOf(call))),
    }),
    v1Route({
      method: 'GET',
      path: `${BASE}/:name`,
      summary: 'A migration with the checks of its phase, asked now.',
      handle: async call => json(200, await desk.status(name(call))),
    }),
    v1Route({
      method: 'POST',
      path: `${BASE}/:name/advance`,
      summary: 'The next phase, when every check is passed or accepted.',
      handle: async call => {
        const { accept = [] } = bodyOf<MigrationAdvance>(call)
        return json(
          200,
          await desk.advance(name(call), { accept: toTexts(accept, 'accept'), by: userOf(call) }),
        )
      },
    }),
    v1Route({
      method: 'POST',
      path: `${BASE}/:name/back`,
      summary: 'The phase before.',
      handle: async call => json(200, await desk.back(name(call), userOf(call))),
    }),
  ]
}

function toDraft(draft: Partial<MigrationDraft>) {
  const { name, source, target, keyspace, targetKeyspace, tables = [], proxies = [] } = draft
  if (typeof name !== 'string' || typeof keyspace !== 'string' || keyspace === '') {
    return refuse('expected name and keyspace')
  }
  return {
    ...{ name, keyspace },
    targetKeyspace: targetKeyspace ?? keyspace,
    source: toCluster(source, 'source'),
    target: toCluster(target, 'target'),
    tables: toTexts(tables, 'tables'),
    proxies: toTexts(proxies, 'proxies'),
  }
}

function toCluster(given: Partial<MigrationCluster> | undefined, side: string): ProjectCluster {
  const points = toTexts(given?.contactPoints ?? [], `${side}.contactPoints`)
  if (points.length === 0) refuse(`${side}.contactPoints: expected host:port`)
  return {
    contactPoints: points.map(point => (/:\d+$/.test(point) ? point : `${point}:9042`)),
    ...{ localDc: given?.localDc ?? '', username: given?.username ?? '', tls: given?.tls === true },
    ...{ ca: given?.ca ?? '', cert: given?.cert ?? '', key: given?.key ?? '' },
  }
}

function toTexts(given: unknown, field: string): string[] {
  if (Array.isArray(given) && given.every(one => typeof one === 'string')) return [...given]
  return refuse(`${field}: expected a list of texts`)
}

function bodyOf<T>(call: Call): Partial<T> {
  const value: unknown = JSON.parse(call.body === '' ? '{}' : call.body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  return refuse('expected a JSON object')
}

function refuse(message: string): never {
  throw new ScamanderError(MIGRATE_ERRORS.OPTION, message)
}
