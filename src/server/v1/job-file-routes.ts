/**
 * Jobs as documents: export, import and duplicates. Connections stand in them by name, secrets do not.
 * The same shape as the files of `scamander job`; JSON here, YAML there.
 * Spec: backlog-replication 2.3, 2.16.
 */
import type { JobDraft, JobInfo, TaskDraft } from '../../api-v1.ts'
import { ScamanderError } from '../../base/scamander-error.ts'
import { isLosing, REPLICATE_ERRORS, type Replicator } from '../../replicate/index.ts'
import { json } from '../route.ts'
import { audit, body, id, type Row } from './v1-calls.ts'

interface JobDocument extends Omit<JobDraft, 'source' | 'destination'> {
  readonly source: string
  readonly destination: string
  readonly tasks: readonly TaskDraft[]
}

/** A draft of a job with its tasks. */
const JOB_DOCUMENT = {
  allOf: [
    { $ref: '#/components/schemas/JobDraft' },
    {
      type: 'object',
      properties: { tasks: { type: 'array', items: { $ref: '#/components/schemas/TaskDraft' } } },
    },
  ],
}

export function jobFileRows(replicator: Replicator): Row[] {
  return [
    [
      'GET /jobs/:id/export',
      'A job as a document that can be imported.',
      call => json(200, toDocument(replicator, replicator.job(id(call)))),
      { gives: JOB_DOCUMENT },
    ],
    [
      'POST /jobs/import',
      'Makes the job of a document; its connections must be there by name.',
      async call => {
        const job = await makeJob(replicator, body<JobDocument>(call))
        audit(replicator, call, ['job imported', job.name])
        return json(201, job)
      },
      { takes: JOB_DOCUMENT, gives: 'JobInfo', status: 201 },
    ],
    [
      'POST /jobs/:id/duplicate',
      'A job like this one, with another name and switched off.',
      async call => {
        const known = replicator.job(id(call))
        const { name = `${known.name} copy` } = body<{ name?: string }>(call)
        const job = await makeJob(replicator, { ...toDocument(replicator, known), name })
        audit(replicator, call, ['job duplicated', job.name])
        return json(201, replicator.patchJob(job.id, { enabled: false }))
      },
      {
        takes: { type: 'object', properties: { name: { type: 'string' } } },
        gives: 'JobInfo',
        status: 201,
      },
    ],
  ]
}

function toDocument(replicator: Replicator, job: JobInfo): JobDocument {
  const { name, type, labels, sourceName, destinationName } = job
  const { verboseUntil: _own, ...settings } = job.settings
  const { text: _text, next: _next, ...spec } = job.schedule
  const before = replicator.jobs().find(one => one.id === spec.afterJob)
  const schedule = before === undefined ? spec : { ...spec, afterJob: before.name }
  const tasks = job.tasks.map(
    ({ table, query, destination, mode, options, columns }): TaskDraft => ({
      ...(table === null ? {} : { table, destination }),
      ...(query === null ? {} : { query }),
      mode,
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...(isLosing(mode) ? { confirm: destination } : {}),
      ...(columns.length === 0 ? {} : { columns }),
    }),
  )
  return {
    ...{ name, source: sourceName, destination: destinationName },
    ...{ type, labels, settings, schedule, tasks },
  }
}

/** Nothing stays when a task cannot be made. */
async function makeJob(replicator: Replicator, document: JobDocument): Promise<JobInfo> {
  const { tasks = [], ...draft } = document
  const source = connectionNamed(replicator, 'source', document.source)
  const destination = connectionNamed(replicator, 'destination', document.destination)
  const job = await replicator.addJob({ ...draft, source, destination })
  if (draft.type === 'sync_all' || tasks.length === 0) return job
  try {
    return await replicator.addTasks(job.id, tasks)
  } catch (error) {
    replicator.deleteJob(job.id)
    throw error
  }
}

function connectionNamed(replicator: Replicator, field: string, name: unknown): string {
  const found = replicator.connections().find(one => one.name === name)
  if (found !== undefined) return found.id
  const message = `${field}: expected the name of a connection, found ${JSON.stringify(name)}`
  throw new ScamanderError(REPLICATE_ERRORS.FIELD, message, { context: { field } })
}
