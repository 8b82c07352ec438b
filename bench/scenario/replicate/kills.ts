/**
 * A first load that is killed (kill -9) at random points, each time while the space changes: issues are
 * edited, and the one that was just read is deleted. The last run goes to its end; then every row of the
 * tables is compared with the space, and one more run must find nothing to do.
 * Called by main.ts with `--kills`. Throws when a row differs, is missing, or is too much.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'cassandra-driver'
import { type BacklogStandIn, startBacklogStandIn } from '../../../src/demo/index.ts'
import type { CassandraDescription } from '../../../src/sandbox/index.ts'
import { KEYSPACE } from './small-table.ts'

export interface KillOrder {
  readonly kills: number
  readonly issues: number
  readonly comments: number
  readonly limit: number
  readonly cassandra: CassandraDescription
  readonly folder: string
  /** The arguments of a process that runs the job once. */
  readonly argsOf: (job: object) => readonly string[]
  readonly runOnce: (job: object) => Promise<{ readonly rows: number; readonly written: number }>
  readonly say: (text: string) => void
}

const EDITS = 20
const LOOK_MS = 2

export async function benchKills(order: KillOrder): Promise<string> {
  const { kills, issues, comments, limit, folder, cassandra, say } = order
  const limits = { read: limit, search: limit }
  const standIn = await startBacklogStandIn({ issues, comments, limits })
  const { url, apiKey, journal } = standIn
  const tables = comments > 0 ? ['Issues', 'IssueComments'] : ['Issues']
  const job = { folder, cassandra, keyspace: KEYSPACE, tables, space: { url, apiKey } }
  const requests = Math.ceil(issues / 100) + (comments > 0 ? issues : 0)
  try {
    const points: number[] = []
    for (let kill = 1; kill <= kills; kill++) {
      const point = 1 + Math.floor(Math.random() * (requests / kills))
      points.push(point)
      say(`run ${kill}, to be killed after ${point} requests`)
      await runAndKill(order.argsOf(job), { journal, point })
      disturb(standIn)
    }
    const from = journal.length
    say('the last run, to its end')
    const last = await order.runOnce(job)
    const asked = journal.length - from
    const wrong = await compare(standIn, cassandra, comments > 0)
    if (wrong.length > 0)
      throw new Error(`the tables differ from the space: ${wrong.slice(0, 5).join('; ')}`)
    const again = await order.runOnce(job)
    if (again.written > 0) throw new Error(`one more run wrote ${again.written} rows`)
    return `Killed ${kills} times, after ${points.join(', ')} requests; the last run sent ${asked} requests and wrote ${last.written} rows; the tables equal the space (${standIn.space.issues.size} issues); one more run wrote nothing.\n`
  } finally {
    await standIn.close()
  }
}

async function runAndKill(
  args: readonly string[],
  of: { readonly journal: readonly unknown[]; readonly point: number },
): Promise<void> {
  const from = of.journal.length
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  const ended = new Promise(resolve => child.once('exit', resolve))
  while (of.journal.length - from < of.point && child.exitCode === null) await sleep(LOOK_MS)
  child.kill('SIGKILL')
  await ended
}

/** Rows of the deleted issue may be in Cassandra without the process having noted that they are. */
function disturb({ journal, space }: BacklogStandIn): void {
  const paths = journal.map(one => /^issues\/(\d+)\/comments$/.exec(one.path)?.[1])
  const last = paths.findLast(one => one !== undefined)
  if (last !== undefined) space.deleteIssue(Number(last))
  const ids = [...space.issues.keys()]
  for (let edit = 0; edit < EDITS; edit++) {
    const id = ids[Math.floor(Math.random() * ids.length)]!
    space.updateIssue(id, { summary: `edited ${edit} of ${id} at ${journal.length}` })
  }
}

async function compare(
  { space }: BacklogStandIn,
  cassandra: CassandraDescription,
  withComments: boolean,
): Promise<string[]> {
  const client = new Client({
    contactPoints: [...cassandra.contactPoints],
    localDataCenter: cassandra.localDatacenter,
    protocolOptions: { port: cassandra.port },
  })
  try {
    await client.connect()
    const all = [...space.issues.values()]
    const issues = all.map(one => [String(one.id), `${one.statusId} ${one.summary}`] as const)
    const wrong = await differences(client, 'SELECT id, status_id, summary FROM issues_copy', {
      wanted: new Map(issues),
      keyCount: 1,
    })
    if (!withComments) return wrong
    const comments = all.flatMap(issue =>
      space
        .commentsOf(issue)
        .map(one => [`${issue.id} ${one['id']}`, String(one['content'])] as const),
    )
    const cql = 'SELECT issue_id, id, content FROM issuecomments_copy'
    const more = await differences(client, cql, { wanted: new Map(comments), keyCount: 2 })
    return [...wrong, ...more]
  } finally {
    await client.shutdown()
  }
}

async function differences(
  client: Client,
  cql: string,
  of: { readonly wanted: Map<string, string>; readonly keyCount: number },
): Promise<string[]> {
  const { wanted, keyCount } = of
  const wrong: string[] = []
  const at = cql.replace('FROM ', `FROM ${KEYSPACE}.`)
  const rows = await client.execute(at, [], { fetchSize: 5_000 })
  for await (const row of rows) {
    const values = row.values().map(String)
    const key = values.slice(0, keyCount).join(' ')
    const found = values.slice(keyCount).join(' ')
    const expected = wanted.get(key)
    if (expected === undefined) wrong.push(`${key} is too much`)
    else if (expected !== found) wrong.push(`${key} differs`)
    wanted.delete(key)
  }
  return [...wrong, ...[...wanted.keys()].map(key => `${key} is missing`)]
}
