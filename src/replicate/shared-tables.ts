/**
 * Which tasks write which tables, over all jobs, and what that means for a task: another one writes its
 * table too, or it would write the table that it reads. Pure; the replicator asks when it shows and saves jobs.
 * Two connections are the same cluster when they have a contact point in common.
 * Spec: backlog-replication 2.8, 2.9.
 */
import type { ConnectionRecord } from './connection.ts'
import type { JobRecord, TaskRecord } from './job-record.ts'

export type FindConnection = (id: string) => ConnectionRecord | undefined

interface Writer {
  readonly job: string
  readonly jobName: string
  readonly task: string
  readonly title: string
}

export class TableWriters {
  readonly #find: FindConnection
  /** By contact point, keyspace and table. */
  readonly #writers = new Map<string, Writer[]>()

  constructor(jobs: readonly JobRecord[], find: FindConnection) {
    this.#find = find
    for (const job of jobs)
      for (const task of job.tasks)
        for (const place of this.#placesOf(job, task)) this.#add(place, toWriter(job, task))
  }

  /** What a person should know of the table of a task; empty: nothing. */
  warningsOf(job: JobRecord, task: TaskRecord): string[] {
    const others = new Map<string, Writer>()
    for (const place of this.#placesOf(job, task))
      for (const one of this.#writers.get(place) ?? [])
        if (one.task !== task.id) others.set(one.task, one)
    if (others.size === 0) return []
    const names = [...others.values()].map(one =>
      one.job === job.id
        ? `task ${one.title} of this job`
        : `job ${one.jobName} (task ${one.title})`,
    )
    const table = `${keyspaceOf(job, this.#find)}.${task.destination}`
    const shown = names.slice(0, NAMED_MAX).join(', ')
    const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : ''
    return [
      `${table} is written by ${shown}${more} too: rows of one key overwrite each other, and each deletes what its own source no longer has. Choose another table name unless their keys differ.`,
    ]
  }

  #placesOf(job: JobRecord, task: TaskRecord): string[] {
    const keyspace = keyspaceOf(job, this.#find)
    const hosts = hostsOf(this.#find(job.destination))
    return hosts.map(host => placeOf(host, keyspace, task.destination))
  }

  #add(place: string, writer: Writer): void {
    const known = this.#writers.get(place)
    if (known === undefined) this.#writers.set(place, [writer])
    else known.push(writer)
  }
}

/** The table that a task of the job reads and would write, too; undefined: none. */
export function readAndWritten(
  job: JobRecord,
  of: { readonly destination: string; readonly tables: readonly string[] },
  find: FindConnection,
): string | undefined {
  const source = find(job.source)
  if (source?.connector !== 'cassandra') return undefined
  const written = hostsOf(find(job.destination)).map(host =>
    placeOf(host, keyspaceOf(job, find), of.destination),
  )
  const keyspace = String(source.properties['database'])
  return of.tables.find(table =>
    hostsOf(source).some(host => written.includes(placeOf(host, keyspace, table))),
  )
}

export function keyspaceOf(job: Pick<JobRecord, 'settings' | 'destination'>, find: FindConnection) {
  return job.settings.keyspace ?? String(find(job.destination)?.properties['database'] ?? '')
}

const NAMED_MAX = 3

function toWriter(job: JobRecord, task: TaskRecord): Writer {
  const title = task.table ?? `query → ${task.destination}`
  return { job: job.id, jobName: job.name, task: task.id, title }
}

function hostsOf(connection: ConnectionRecord | undefined): string[] {
  if (connection === undefined) return []
  const { server, port } = connection.properties
  return String(server ?? '')
    .split(',')
    .map(
      one =>
        `${one
          .trim()
          .toLowerCase()
          .replace(/^localhost$/, '127.0.0.1')}:${port}`,
    )
}

function placeOf(host: string, keyspace: string, table: string): string {
  return JSON.stringify([host, keyspace, table])
}
