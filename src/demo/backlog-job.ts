/**
 * The demo's replication: a Backlog space (the stand-in, in this process) copied into Cassandra by a job
 * that a visitor sees in the web page, and that runs every minute. Used by demo-run.ts.
 * Makes connections and job as a person would; the space goes on changing while the demo is live.
 * Invariant: every issue and comment of the space was compared field by field with its row, or the
 * demo says which is different.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import type { ControlSession } from '../cassandra/index.ts'
import type { Replicator } from '../replicate/index.ts'
import type { CassandraDescription } from '../sandbox/index.ts'
import { type BacklogStandIn, startBacklogStandIn } from './backlog/stand-in.ts'
import { DEMO_ERRORS } from './errors.ts'

export interface BacklogJobParts {
  readonly replicator: Replicator
  readonly session: ControlSession
  readonly node: CassandraDescription
}

export interface BacklogProof {
  readonly issues: number
  readonly comments: number
  readonly fields: number
}

const ISSUES = 200
const KEYSPACE = 'backlog'
const JOB = 'Backlog every minute'
const SAVE_MS = 30_000
/** Before the demo: issues change up to a day after they were made. */
const LAST_ISSUE_MS = 2 * 86_400_000
const FIRST_ID = 880_001
const EVERY_MINUTE = { on: true, interval: 'minute', every: 1, timeZone: 'UTC' } as const

export class BacklogJob {
  readonly #parts: BacklogJobParts
  readonly #standIn: BacklogStandIn
  readonly #jobId: string
  #changes = 0

  private constructor(parts: BacklogJobParts, standIn: BacklogStandIn, jobId: string) {
    this.#parts = parts
    this.#standIn = standIn
    this.#jobId = jobId
  }

  /** The space listens, and the job is there. */
  static async open(parts: BacklogJobParts): Promise<BacklogJob> {
    const { session, node } = parts
    const options = `{'class': 'NetworkTopologyStrategy', '${node.localDatacenter}': 1}`
    await session.execute(`CREATE KEYSPACE IF NOT EXISTS ${KEYSPACE} WITH replication = ${options}`)
    const endMs = Math.floor((Date.now() - LAST_ISSUE_MS) / 1000) * 1000
    const standIn = await startBacklogStandIn({ issues: ISSUES, projects: 3, comments: 1, endMs })
    try {
      return new BacklogJob(parts, standIn, await jobOf(parts, standIn))
    } catch (error) {
      await standIn.close()
      throw error
    }
  }

  /** What a connection to the space takes. */
  get space(): { readonly url: string; readonly apiKey: string } {
    const { url, apiKey } = this.#standIn
    return { url, apiKey }
  }

  async close(): Promise<void> {
    await this.#standIn.close()
  }

  /** One change of the space, as of a person who works in it. */
  change(): void {
    const { space } = this.#standIn
    const n = this.#changes++
    const id = FIRST_ID + 10 + (n % (ISSUES / 2))
    if (!space.issues.has(id)) return
    if (n % 4 === 3) space.addComment(id, `Comment of change ${n}`)
    else if (n % 16 === 6) space.addIssue({ summary: `Issue of change ${n}` })
    else if (n % 32 === 12) space.deleteIssue(id)
    else space.updateIssue(id, { summary: `Changed by change ${n}`, statusId: 1 + (n % 4) })
  }

  /** `isFull`: whatever an earlier demo in the same folder left. */
  async run(isFull = false): Promise<{ readonly text: string; readonly rows: number }> {
    const { replicator } = this.#parts
    const request = isFull ? ({ mode: 'full', acceptDeletes: true } as const) : {}
    const { activeRun, tasks } = replicator.job(this.#jobId)
    if (activeRun !== undefined) await replicator.waitFor(activeRun.id)
    if (isFull) for (const { id } of tasks) replicator.resetTask(this.#jobId, id)
    const run = await replicator.waitFor(replicator.startRun(this.#jobId, request, 'api').id)
    if (run.state !== 'SUCCESS')
      fail(`expected ${JOB} to succeed, found ${run.state}: ${run.error}`)
    const { inserted, updated, deleted } = run.rows
    return { text: run.text, rows: inserted + updated + deleted }
  }

  /** Throws at the first difference. */
  async prove(): Promise<BacklogProof> {
    const { space, url } = this.#standIn
    const issues = [...space.issues.values()]
    const rendered = issues.map(one => ({ ...space.render(one), origin: url }))
    const comments = issues.flatMap(one => space.commentsOf(one))
    const fields =
      (await this.#compare('issues', ISSUE_FIELDS, rendered)) +
      (await this.#compare('issue_comments', COMMENT_FIELDS, comments))
    return { issues: issues.length, comments: comments.length, fields }
  }

  async #compare(table: string, fields: readonly Field[], wanted: readonly object[]) {
    const names = fields.map(one => one.column).join(', ')
    const rows = await this.#parts.session.execute(`SELECT JSON ${names} FROM ${KEYSPACE}.${table}`)
    const found = new Map(
      rows.map(row => {
        const one = JSON.parse(String(row['[json]'])) as Payload
        return [one['id'], one]
      }),
    )
    if (found.size !== wanted.length)
      fail(`${table}: expected ${wanted.length} rows, found ${found.size}`)
    for (const payload of wanted as readonly Payload[]) {
      const row = found.get(payload['id'])
      for (const { column, of } of fields) {
        const [left, right] = [plain(of(payload)), plain(row?.[column])]
        if (left === right) continue
        fail(`${table} ${String(payload['id'])}, ${column}: expected ${left}, found ${right}`)
      }
    }
    return wanted.length * fields.length
  }
}

/** Makes connections and job; those of a folder that was kept are used again. */
async function jobOf(parts: BacklogJobParts, standIn: BacklogStandIn): Promise<string> {
  const { replicator, node } = parts
  const { url, apiKey } = standIn
  const cassandra = await connectionOf(replicator, 'This Cassandra', 'cassandra', {
    ...{ server: node.contactPoints.join(','), port: node.port, database: KEYSPACE },
    ...{ authScheme: 'None', consistencyLevel: 'ONE' },
  })
  const space = await connectionOf(replicator, 'Backlog space', 'backlog', { url, apiKey })
  const known = replicator.jobs().find(one => one.name === JOB)
  const job =
    known ??
    (await replicator.addJob({
      ...{ name: JOB, source: space, destination: cassandra, schedule: EVERY_MINUTE },
      settings: { deletion: 'hard' },
    }))
  // A demo that was stopped in between left a job without tasks.
  const tasks = ['Projects', 'Issues', 'IssueComments'].map(table => ({ table }))
  if (job.tasks.length === 0) await replicator.addTasks(job.id, tasks)
  return job.id
}

async function connectionOf(
  replicator: Replicator,
  name: string,
  ...[connector, properties]: readonly [
    'cassandra' | 'backlog',
    Readonly<Record<string, string | number>>,
  ]
): Promise<string> {
  const known = replicator.connections().find(one => one.name === name)
  const signal = AbortSignal.timeout(SAVE_MS)
  const draft = { name, connector, properties }
  const { id } =
    known === undefined
      ? (await replicator.saveConnection(draft, signal)).connection!
      : replicator.patchConnection(known.id, { properties })
  // So that its state is that of a test; what a test finds is shown in the page.
  await replicator.testSaved(id, signal)
  return id
}

type Payload = Readonly<Record<string, unknown>>

interface Field {
  readonly column: string
  readonly of: (payload: Payload) => unknown
}

const at =
  (...path: readonly string[]) =>
  (payload: Payload): unknown =>
    path.reduce<unknown>((found, name) => (found as Payload | null)?.[name], payload)

const ISSUE_FIELDS: readonly Field[] = [
  { column: 'id', of: at('id') },
  { column: 'project_id', of: at('projectId') },
  { column: 'issue_key', of: at('issueKey') },
  { column: 'summary', of: at('summary') },
  { column: 'description', of: at('description') },
  { column: 'status_id', of: at('status', 'id') },
  { column: 'status_name', of: at('status', 'name') },
  { column: 'priority_name', of: at('priority', 'name') },
  { column: 'resolution_name', of: at('resolution', 'name') },
  { column: 'assignee_id', of: at('assignee', 'id') },
  { column: 'assignee_name', of: at('assignee', 'name') },
  { column: 'estimated_hours', of: at('estimatedHours') },
  { column: 'created', of: payload => new Date(String(payload['created'])) },
  { column: 'updated', of: payload => new Date(String(payload['updated'])) },
  { column: 'url', of: payload => `${payload['origin']}/view/${payload['issueKey']}` },
]

const COMMENT_FIELDS: readonly Field[] = [
  { column: 'id', of: at('id') },
  { column: 'issue_id', of: at('issueId') },
  { column: 'content', of: at('content') },
  { column: 'created_user_name', of: at('createdUser', 'name') },
  { column: 'created', of: payload => new Date(String(payload['created'])) },
]

/** A value as Cassandra shows it in JSON. */
function plain(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace('T', ' ')
  return String(value ?? null)
}

function fail(message: string): never {
  throw new ScamanderError(DEMO_ERRORS.REPLICATION, message)
}
