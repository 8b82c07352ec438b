/**
 * The routes of `/api/v1`: connections, jobs, tasks, runs, notices, audit. Each calls the replicator
 * and answers; changes are written to the audit trail.
 * Shapes: src/api-v1.ts. Spec: backlog-replication 2.16.
 */
import type {
  ConnectionDraft,
  ConnectionPatch,
  JobDraft,
  JobPatch,
  SessionInfo,
  TaskDraft,
  TaskPatch,
} from '../../api-v1.ts'
import type { SandboxPlaces } from '../../api-v1-help.ts'
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import { CONNECTORS, type Replicator } from '../../replicate/index.ts'
import type { Callers } from '../callers.ts'
import { type Call, empty, json, type Route } from '../route.ts'
import { accountRows } from './account-routes.ts'
import { addressRows } from './address-routes.ts'
import { alertRows } from './alert-routes.ts'
import type { EventStreams } from './event-stream.ts'
import { jobFileRows } from './job-file-routes.ts'
import { openApi } from './open-api.ts'
import { v1Route } from './problem.ts'
import { callerOf } from './rights.ts'
import { historyRows, runRows, scheduleRows } from './run-routes.ts'
import { schemaRows } from './schema-routes.ts'
import { secretRows } from './secret-routes.ts'
import { sessionEnd } from './session-routes.ts'
import { callbackRoute, signInRows } from './sign-in-routes.ts'
import { tokenRows } from './token-routes.ts'
import { userRows } from './user-routes.ts'
import { audit, body, changeOf, type Handle, id, items, type Row, userOf } from './v1-calls.ts'

export interface V1Options {
  readonly replicator: Replicator
  readonly events: EventStreams
  readonly hasLogin: boolean
  readonly hasConnect: boolean
  /** Users are managed here where it knows people. */
  readonly callers?: Callers
  /** Connectors of this server whose configurations hold a text. @default it has none */
  readonly connectorsHolding?: (text: string) => readonly string[]
  /** Test servers that end with this one. */
  readonly sandbox?: SandboxPlaces | undefined
}

const BASE = '/api/v1'
const TEST_MS = 60_000
/** A list of ids or times. */
const TEXTS = {
  type: 'object',
  properties: { items: { type: 'array', items: { type: 'string' } } },
  required: ['items'],
}
/** One draft, or a list of them. */
const TASKS = {
  anyOf: [
    { $ref: '#/components/schemas/TaskDraft' },
    {
      type: 'object',
      properties: { items: { type: 'array', items: { $ref: '#/components/schemas/TaskDraft' } } },
      required: ['items'],
    },
  ],
}
export function v1Routes(options: V1Options): Route[] {
  const rows = [
    ...connectionRows(options),
    ...jobRows(options),
    ...taskRows(options),
    ...runRows(options),
    ...scheduleRows(options.replicator),
    ...historyRows(options.replicator),
    ...otherRows(options),
    ...alertRows(options.replicator),
    ...signInRows(options.replicator),
    ...tokenRows(options.replicator, options.callers),
    ...secretRows(options.replicator, options.connectorsHolding),
    ...peopleRows(options),
    ...jobFileRows(options.replicator),
    ...schemaRows(options.replicator),
  ]
  const routes = rows.map(([at, summary, handle, shapes]) => {
    const [method, path] = at.split(' ') as [Route['method'], string]
    const told = shapes === undefined ? {} : { shapes }
    return v1Route({ method, path: `${BASE}${path}`, summary, handle, ...told })
  })
  const document = v1Route({
    method: 'GET',
    path: `${BASE}/openapi.json`,
    summary: 'This API as an OpenAPI document.',
    handle: () => json(200, openApi(routes)),
  })
  return [...routes, document, callbackRoute(options.replicator)]
}

/** Where users are managed. */
function peopleRows({ replicator, callers }: V1Options): Row[] {
  if (callers?.people === undefined) return []
  return [
    ...userRows(replicator, callers),
    ...accountRows(replicator, callers),
    ...addressRows(replicator, callers),
  ]
}

function connectionRows({ replicator }: V1Options): Row[] {
  const signal = () => AbortSignal.timeout(TEST_MS)
  return [
    [
      'GET /connectors-available',
      'Kinds of connections with their properties.',
      () => items(CONNECTORS),
      { gives: 'ConnectorInfoV1[]' },
    ],
    [
      'GET /connections',
      'All connections.',
      () => items(replicator.connections()),
      { gives: 'ConnectionInfo[]' },
    ],
    [
      'POST /connections',
      'Makes a connection; with "test": true only when its test passes.',
      async call => {
        const draft = body<ConnectionDraft>(call)
        const saved = await replicator.saveConnection(draft, signal())
        if (saved.connection === null) return json(422, saved)
        audit(replicator, call, ['connection created', draft.name])
        return json(201, saved)
      },
      { takes: 'ConnectionDraft', gives: 'ConnectionSaved', status: 201 },
    ],
    [
      'POST /connections/test',
      'Tests a draft and saves nothing.',
      async call => json(200, await replicator.testDraft(body<ConnectionDraft>(call), signal())),
      { takes: 'ConnectionDraft', gives: 'TestResult' },
    ],
    [
      'GET /connections/:id',
      'One connection.',
      call => json(200, replicator.connection(id(call))),
      { gives: 'ConnectionInfo' },
    ],
    [
      'PATCH /connections/:id',
      'Changes a connection; secrets that are left out stay, unless the address changes.',
      call => {
        const changed = replicator.patchConnection(id(call), body<ConnectionPatch>(call))
        audit(replicator, call, ['connection changed', changed.name])
        return json(200, changed)
      },
      { takes: 'ConnectionPatch', gives: 'ConnectionInfo' },
    ],
    [
      'DELETE /connections/:id',
      'Deletes a connection that no job uses.',
      call => {
        const { name } = replicator.connection(id(call))
        replicator.deleteConnection(id(call))
        audit(replicator, call, ['connection deleted', name])
        return empty(204)
      },
      {},
    ],
    [
      'POST /connections/:id/test',
      'Tests a connection.',
      async call => json(200, await replicator.testSaved(id(call), signal())),
      { gives: 'TestResult' },
    ],
    [
      'GET /connections/:id/tables',
      'Tables of a source.',
      async call => items(await replicator.tables(id(call))),
      { gives: 'SourceTableInfo[]' },
    ],
    [
      'GET /connections/:id/tables/:table/columns',
      'Columns of a table.',
      async call => items(await replicator.columns(id(call), call.params['table'] ?? '')),
      { gives: 'SourceColumnInfo[]' },
    ],
  ]
}

function jobRows({ replicator }: V1Options): Row[] {
  return [
    ['GET /jobs', 'All jobs.', () => items(replicator.jobs()), { gives: 'JobInfo[]' }],
    [
      'POST /jobs',
      'Makes a job.',
      async call => {
        const job = await replicator.addJob(body<JobDraft>(call))
        audit(replicator, call, ['job created', job.name])
        return json(201, job)
      },
      { takes: 'JobDraft', gives: 'JobInfo', status: 201 },
    ],
    [
      'GET /jobs/:id',
      'One job.',
      call => json(200, replicator.job(id(call))),
      { gives: 'JobInfo' },
    ],
    [
      'PATCH /jobs/:id',
      'Changes a job; If-Match with its version refuses a lost update (412).',
      async call => {
        const job = await replicator.changeJob(id(call), body<JobPatch>(call), changeOf(call))
        audit(replicator, call, ['job changed', job.name])
        return json(200, job)
      },
      { takes: 'JobPatch', gives: 'JobInfo' },
    ],
    [
      'DELETE /jobs/:id',
      'Deletes a job; its tables stay.',
      call => {
        const { name } = replicator.job(id(call))
        replicator.deleteJob(id(call))
        audit(replicator, call, ['job deleted', name])
        return empty(204)
      },
      {},
    ],
  ]
}

function taskRows({ replicator }: V1Options): Row[] {
  const changed = (call: Call, job: { name: string }, what: string) => {
    audit(replicator, call, [what, job.name])
    return json(200, job)
  }
  return [
    [
      'POST /jobs/:id/tasks',
      'Adds tasks: one draft, or several as items.',
      async call => {
        const given = body<TaskDraft & { items?: TaskDraft[] }>(call)
        return changed(
          call,
          await replicator.addTasks(id(call), given.items ?? [given]),
          'tasks added',
        )
      },
      { takes: TASKS, gives: 'JobInfo' },
    ],
    [
      'POST /jobs/:id/tasks/reorder',
      'Sets the order of tasks: items are ids.',
      call =>
        changed(
          call,
          replicator.reorderTasks(id(call), body<{ items: string[] }>(call).items),
          'tasks ordered',
        ),
      { takes: TEXTS, gives: 'JobInfo' },
    ],
    [
      'PATCH /jobs/:id/tasks/:task',
      'Changes a task; If-Match with the version of the job as there.',
      async call =>
        changed(
          call,
          await replicator.patchTask(id(call), task(call), body<TaskPatch>(call), changeOf(call)),
          'task changed',
        ),
      { takes: 'TaskPatch', gives: 'JobInfo' },
    ],
    [
      'DELETE /jobs/:id/tasks/:task',
      'Deletes a task; its table stays.',
      call => changed(call, replicator.deleteTask(id(call), task(call)), 'task deleted'),
      { gives: 'JobInfo' },
    ],
    [
      'POST /jobs/:id/tasks/:task/reset',
      'Makes the next run read everything again.',
      call => {
        replicator.resetTask(id(call), task(call))
        audit(replicator, call, ['task reset', replicator.job(id(call)).name])
        return empty(204)
      },
      {},
    ],
    [
      'POST /jobs/:id/tasks/:task/plan',
      'What a change means for the destination table.',
      async call =>
        json(200, await replicator.planTask(id(call), task(call), body<TaskPatch>(call))),
      { takes: 'TaskPatch', gives: 'TaskPlan' },
    ],
    [
      'POST /jobs/:id/tasks/:task/preview',
      'First rows of a draft of the task.',
      preview(replicator),
      { takes: 'TaskDraft', gives: 'TaskPreview' },
    ],
    [
      'POST /jobs/:id/preview',
      'First rows of a draft.',
      preview(replicator),
      { takes: 'TaskDraft', gives: 'TaskPreview' },
    ],
  ]
}

function preview(replicator: Replicator): Handle {
  return async call =>
    json(
      200,
      await replicator.previewTask(id(call), body<TaskDraft>(call), AbortSignal.timeout(TEST_MS)),
    )
}

function otherRows(options: V1Options): Row[] {
  const { replicator, events, hasLogin, hasConnect, callers } = options
  const session = (call: Call): SessionInfo => ({
    user: userOf(call),
    role: callerOf(call).role,
    version: PRODUCT_VERSION,
    login: hasLogin || !replicator.users.isEmpty,
    connect: hasConnect,
    endsAt: callers === undefined ? null : sessionEnd(call, callers),
    managesUsers: callers?.people !== undefined,
    sandbox: options.sandbox ?? null,
  })
  return [
    ['GET /session', 'Who calls.', call => json(200, session(call)), { gives: 'SessionInfo' }],
    ['GET /events', 'Server-sent events.', call => events.subscribe(call)],
    [
      'GET /notices',
      'Notices, newest first.',
      () => items(replicator.notices()),
      { gives: 'Notice[]' },
    ],
    [
      'POST /notices/read',
      'Marks all notices as read.',
      () => {
        replicator.readNotices()
        return empty(204)
      },
      {},
    ],
    [
      'GET /audit',
      'Changes, newest first.',
      () => items(replicator.auditTrail()),
      { gives: 'AuditEntry[]' },
    ],
  ]
}

function task(call: Call): string {
  return call.params['task'] ?? ''
}
