/**
 * `scamander job` and `scamander connection test`: replication for scripts, through `/api/v1`.
 * Jobs are YAML files that name their connections; secrets are in none of them.
 * Exit codes: 0 done, 1 a run failed, 2 refused, 3 a run ended with a warning or in part, 4 no answer.
 * Spec: backlog-replication 2.3, 2.16.
 */

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { parse, stringify } from 'yaml'
import type {
  ConnectionInfo,
  JobDraft,
  JobInfo,
  List,
  RejectedRow,
  RunInfo,
  RunMode,
  TaskDraft,
  TestResult,
} from '../api-v1.ts'
import { messageOf } from '../base/scamander-error.ts'
import { type CommandContext, examples } from './command-context.ts'
import {
  badOption,
  type ConnectClient,
  type ConnectOptions,
  clientOf,
} from './connect/client-options.ts'

const POLL_MS = 500
const RUNS_LOOKED_AT = 200

/** A job as a file: connections by name. */
interface JobFile extends Omit<JobDraft, 'source' | 'destination'> {
  readonly source: string
  readonly destination: string
  readonly tasks?: readonly TaskDraft[]
}

export function addJobCommand(program: Command, context: CommandContext): void {
  const job = program
    .command('job')
    .summary('run and manage replication jobs')
    .description(
      'Calls /api/v1 of a running server. Address and login as for `scamander connect`. Exit codes of run: 0 success, 1 failed, 2 refused, 3 warning or partial, 4 no answer.',
    )
    .option('--url <url>', 'address of the server (default: http://127.0.0.1:8083)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'scamander job list',
        'scamander job run nightly --full',
        'scamander job retry nightly',
        'scamander job export nightly > nightly.yaml',
        'scamander job apply nightly.yaml',
      ),
    )
  const client = (command: Command) => clientOf(command.optsWithGlobals<ConnectOptions>(), context)
  job
    .command('list')
    .description('Lists the jobs.')
    .action(async (_options, command: Command) => listJobs(client(command)))
  job
    .command('status')
    .description('Shows the last runs of a job.')
    .argument('<name>', 'job')
    .action(async (name: string, _options, command: Command) => showRuns(client(command), name))
  job
    .command('run')
    .description('Runs a job and waits for its end.')
    .argument('<name>', 'job')
    .option('--full', 'read all rows again')
    .option('--dry-run', 'read and compare, write nothing')
    .option('--accept-deletes', 'apply deletes that the guard held back')
    .option('--drop <table...>', 'tables that tasks of the mode recreate drop, each by its name')
    .action(async (name: string, options: RunOptions, command: Command) => {
      context.exitCode = await runJob(client(command), name, options)
    })
  addRejectedCommands(job, client, context)
  job
    .command('export')
    .description('Prints a job as YAML.')
    .argument('<name>', 'job')
    .action(async (name: string, _options, command: Command) => {
      const server = client(command)
      const { id } = await findJob(server, name)
      context.out(stringify(await server.rest.call<JobFile>('GET', `/api/v1/jobs/${id}/export`)))
    })
  job
    .command('import')
    .description('Makes the job of a YAML file.')
    .argument('<file>', 'YAML file')
    .action(async (path: string, _options, command: Command) =>
      makeJob(client(command), await readJob(path)),
    )
  job
    .command('apply')
    .description('Makes or changes the job of a YAML file, so that it is as in the file.')
    .argument('<file>', 'YAML file')
    .action(async (path: string, _options, command: Command) =>
      applyJob(client(command), await readJob(path)),
    )
}

function addRejectedCommands(
  job: Command,
  client: (command: Command) => ConnectClient,
  context: CommandContext,
): void {
  job
    .command('rejected')
    .description('Lists the rejected rows of a run.')
    .argument('<name>', 'job')
    .option('--run <id>', 'run (default: the last one with rejected rows)')
    .action(async (name: string, options: OfRun, command: Command) =>
      showRejected(client(command), name, options),
    )
  job
    .command('retry')
    .description(
      'Reads the rejected rows of a run again, writes those that fit now, and waits for the end.',
    )
    .argument('<name>', 'job')
    .option('--run <id>', 'run (default: the last one with rejected rows)')
    .action(async (name: string, options: OfRun, command: Command) => {
      context.exitCode = await retryRejected(client(command), name, options)
    })
}

export function addConnectionCommand(program: Command, context: CommandContext): void {
  const connection = program
    .command('connection')
    .summary('test connections of replication')
    .option('--url <url>', 'address of the server (default: http://127.0.0.1:8083)')
    .option('--json', 'print JSON')
  connection
    .command('test')
    .description(
      'Tests a connection, step by step. Exit codes: 0 passed, 1 failed, 2 refused, 4 no answer.',
    )
    .argument('<name>', 'connection')
    .action(async (name: string, _options, command: Command) => {
      const client = clientOf(command.optsWithGlobals<ConnectOptions>(), context)
      const { id } = await findConnection(client, name)
      const result = await client.rest.call<TestResult>(
        'POST',
        `/api/v1/connections/${id}/test`,
        {},
      )
      client.show(
        result,
        ['step', 'state', 'ms', 'result'],
        result.steps.map(one => [
          one.title,
          one.state,
          one.tookMs,
          one.advice === undefined ? one.text : `${one.text} (${one.advice})`,
        ]),
      )
      context.exitCode = result.ok ? 0 : 1
    })
}

interface RunOptions {
  readonly full?: boolean
  readonly dryRun?: boolean
  readonly acceptDeletes?: boolean
  readonly drop?: readonly string[]
}

async function listJobs(client: ConnectClient): Promise<void> {
  const { items } = await client.rest.call<List<JobInfo>>('GET', '/api/v1/jobs')
  client.show(
    items,
    ['name', 'route', 'tasks', 'schedule', 'last run', 'rows'],
    items.map(one => [
      one.name,
      `${one.sourceName} -> ${one.destinationName}`,
      one.tasks.length,
      one.schedule.text,
      one.lastRun === null ? '-' : `${one.lastRun.state} ${one.lastRun.startedAt}`,
      one.lastRun === null ? '-' : rowsOf(one.lastRun),
    ]),
  )
}

async function showRuns(client: ConnectClient, name: string): Promise<void> {
  const job = await findJob(client, name)
  const { items } = await client.rest.call<List<RunInfo>>(
    'GET',
    `/api/v1/runs?job=${job.id}&limit=10`,
  )
  client.show(
    items,
    ['started', 'trigger', 'state', 'seconds', 'rows', 'error'],
    items.map(one => [
      one.startedAt,
      one.trigger,
      one.state,
      Math.round(one.elapsedMs / 100) / 10,
      rowsOf(one),
      one.error ?? '',
    ]),
  )
}

async function runJob(client: ConnectClient, name: string, options: RunOptions): Promise<number> {
  const job = await findJob(client, name)
  // What may be deleted is told by a whole reading.
  const usual = options.acceptDeletes === true ? 'reconcile' : 'incremental'
  const mode: Exclude<RunMode, 'retry'> =
    options.dryRun === true ? 'dry-run' : options.full === true ? 'full' : usual
  const run = await client.rest.call<RunInfo>('POST', `/api/v1/jobs/${job.id}/runs`, {
    mode,
    acceptDeletes: options.acceptDeletes === true,
    ...(options.drop === undefined ? {} : { drop: options.drop }),
  })
  return await untilEnd(client, run)
}

/** Waits, shows what came of it, and gives the exit code. */
async function untilEnd(client: ConnectClient, started: RunInfo): Promise<number> {
  let run = started
  while (run.finishedAt === null) {
    await sleep(POLL_MS)
    run = await client.rest.call<RunInfo>('GET', `/api/v1/runs/${run.id}`)
  }
  client.show(
    run,
    ['table', 'state', 'read', 'new', 'changed', 'deleted', 'rejected', 'error'],
    run.tasks.map(one => [
      one.table,
      one.state,
      one.rows.read,
      one.rows.inserted,
      one.rows.updated,
      one.rows.deleted,
      one.rows.rejected,
      one.error ?? one.warnings.join('; '),
    ]),
  )
  client.say(
    `${run.jobName}: ${run.state} in ${Math.round(run.elapsedMs / 100) / 10} s. ${run.text}`,
  )
  return run.state === 'SUCCESS' ? 0 : run.state === 'WARNING' || run.state === 'PARTIAL' ? 3 : 1
}

interface OfRun {
  readonly run?: string
}

async function retryRejected(client: ConnectClient, name: string, options: OfRun): Promise<number> {
  const id = await runWithRejected(client, name, options)
  const path = `/api/v1/runs/${id}/retry-rejected`
  return await untilEnd(client, await client.rest.call<RunInfo>('POST', path, {}))
}

async function showRejected(client: ConnectClient, name: string, options: OfRun): Promise<void> {
  const id = await runWithRejected(client, name, options)
  const { items } = await client.rest.call<List<RejectedRow>>('GET', `/api/v1/runs/${id}/rejected`)
  client.show(
    items,
    ['key', 'column', 'why', 'tried again by'],
    items.map(one => [one.key, one.column ?? '', one.error, one.retriedBy ?? '-']),
  )
}

async function runWithRejected(client: ConnectClient, name: string, options: OfRun) {
  const job = await findJob(client, name)
  if (options.run !== undefined) return options.run
  const path = `/api/v1/runs?job=${job.id}&limit=${RUNS_LOOKED_AT}`
  const { items } = await client.rest.call<List<RunInfo>>('GET', path)
  const found = items.find(one => one.rows.rejected > 0)
  if (found === undefined)
    throw badOption(`the last ${RUNS_LOOKED_AT} runs of ${name} have no rejected rows`)
  return found.id
}

async function makeJob(client: ConnectClient, file: JobFile): Promise<void> {
  const { tasks = [], ...draft } = await resolved(client, file)
  const job = await client.rest.call<JobInfo>('POST', '/api/v1/jobs', draft)
  try {
    if (tasks.length > 0 && draft.type !== 'sync_all')
      await client.rest.call('POST', `/api/v1/jobs/${job.id}/tasks`, { items: tasks })
  } catch (error) {
    // Nothing stays when a task cannot be made.
    await client.rest.call('DELETE', `/api/v1/jobs/${job.id}`)
    throw error
  }
  client.say(`job ${file.name} was made`)
}

async function applyJob(client: ConnectClient, file: JobFile): Promise<void> {
  const { items } = await client.rest.call<List<JobInfo>>('GET', '/api/v1/jobs')
  const old = items.find(one => one.name === file.name)
  if (old === undefined) return await makeJob(client, file)
  const { tasks = [], source: _source, type: _type, ...patch } = await resolved(client, file)
  await client.rest.call('PATCH', `/api/v1/jobs/${old.id}`, patch)
  const left = [...old.tasks]
  for (const one of tasks) {
    // A table without columns in the file has those of the source.
    const task = one.query === undefined ? { columns: [], ...one } : one
    const at = left.findIndex(one => isOf(one, task))
    const [present] = at < 0 ? [] : left.splice(at, 1)
    if (present === undefined) await client.rest.call('POST', `/api/v1/jobs/${old.id}/tasks`, task)
    else if (!isSame(present, task))
      await client.rest.call('PATCH', `/api/v1/jobs/${old.id}/tasks/${present.id}`, {
        ...task,
        table: undefined,
      })
  }
  // Of a job of all tables the settings say which are left out.
  const gone = old.type === 'sync_all' ? left.filter(one => one.query !== null) : left
  for (const { id } of gone) await client.rest.call('DELETE', `/api/v1/jobs/${old.id}/tasks/${id}`)
  client.say(`job ${file.name} is as in the file`)
}

/** The task that a file means: that of its table, or the query into its table. */
function isOf(
  present: JobInfo['tasks'][number],
  { table, query, destination }: TaskDraft,
): boolean {
  const into = query === undefined ? destination : /^\s*REPLICATE\s+"?(\w+)/i.exec(query)?.[1]
  // A query that copies a table under its default name writes that in snake case.
  const plain = (name: string) =>
    query === undefined ? name.toLowerCase() : name.toLowerCase().replaceAll('_', '')
  const isAlike = into === undefined || plain(into) === plain(present.destination)
  return (table ?? null) === present.table && isAlike
}

/** What a file says of a task is what the task has. */
function isSame(present: JobInfo['tasks'][number], task: TaskDraft): boolean {
  const pairs = [
    [task.destination, present.destination],
    [task.mode, present.mode],
    [task.options, present.options],
    [task.columns, present.columns],
    [task.query, present.query],
  ]
  return pairs.every(
    ([wanted, found]) => wanted === undefined || JSON.stringify(wanted) === JSON.stringify(found),
  )
}

async function resolved(client: ConnectClient, file: JobFile): Promise<JobFile> {
  const source = await findConnection(client, file.source)
  const destination = await findConnection(client, file.destination)
  return { ...file, source: source.id, destination: destination.id }
}

async function readJob(path: string): Promise<JobFile> {
  try {
    const file = parse(await readFile(path, 'utf8')) as Partial<JobFile> | null
    for (const key of ['name', 'source', 'destination'] as const) {
      if (typeof file?.[key] !== 'string') throw new TypeError(`expected ${key}, a text`)
    }
    return file as JobFile
  } catch (error) {
    throw badOption(`${path}: ${messageOf(error)}`)
  }
}

async function findJob(client: ConnectClient, name: string): Promise<JobInfo> {
  const { items } = await client.rest.call<List<JobInfo>>('GET', '/api/v1/jobs')
  const job = items.find(one => one.name === name || one.id === name)
  if (job === undefined)
    throw badOption(`there is no job ${name}; there are: ${items.map(one => one.name).join(', ')}`)
  return job
}

async function findConnection(client: ConnectClient, name: string): Promise<ConnectionInfo> {
  const { items } = await client.rest.call<List<ConnectionInfo>>('GET', '/api/v1/connections')
  const found = items.find(one => one.name === name || one.id === name)
  if (found === undefined)
    throw badOption(
      `there is no connection ${name}; there are: ${items.map(one => one.name).join(', ')}`,
    )
  return found
}

function rowsOf({ rows }: Pick<RunInfo, 'rows'>): number {
  return rows.inserted + rows.updated + rows.deleted
}
