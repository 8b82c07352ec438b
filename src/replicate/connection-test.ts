/**
 * Create & Test: named steps with times, each telling the fix. Steps after a failed one are skipped.
 * Called for drafts and for saved connections.
 * Invariant: the check table is removed again, whatever happens after it was made.
 * Spec: backlog-replication 2.2; ui 5.2.
 */
import { randomBytes } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { connect } from 'node:net'
import type {
  ConnectionStatus,
  ConnectorKind,
  Properties,
  TestResult,
  TestStep,
} from '../api-v1.ts'
import {
  BACKLOG_ERRORS,
  type BacklogClient,
  type Caller,
  type RenewExclusively,
  toOrigin,
} from '../backlog/index.ts'
import { isScamanderError, messageOf } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS, ControlSession, qualifiedName } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { backlogClient, cassandraSettings } from './connection.ts'

const TEST_RETRIES = 1

type Said =
  | string
  | {
      readonly text: string
      readonly isWarning?: boolean
      readonly isSkipped?: boolean
      readonly advice?: string
    }

/** In the words of the form. */
const ADVICE: Readonly<Record<string, string>> = {
  [CASSANDRA_ERRORS.CREDENTIALS.code]:
    'Check User and Password. With Auth Scheme None the server must let everybody in.',
  [CASSANDRA_ERRORS.TLS_REFUSED.code]:
    'Compare Use SSL, CA certificate and Verify host name with the settings of the server.',
  [BACKLOG_ERRORS.UNREACHABLE.code]: 'Check URL, the network and that the server runs.',
  [CASSANDRA_ERRORS.LOCAL_DC.code]: 'Correct Local Datacenter on the tab Advanced.',
}

/** The server is well, but not as the form says. */
class UnfitError extends Error {
  readonly advice: string

  constructor(message: string, advice: string) {
    super(message)
    this.advice = advice
  }
}

function adviceOf(error: unknown): string {
  if (error instanceof UnfitError) return error.advice
  if (!isScamanderError(error)) return 'Check the address and that the server runs.'
  return ADVICE[error.code] ?? error.advice
}

class Steps {
  readonly done: TestStep[] = []
  failure: unknown

  get isFailed(): boolean {
    return this.failure !== undefined
  }

  async run(key: string, title: string, work: () => Promise<Said>): Promise<void> {
    const startMs = performance.now()
    if (this.isFailed) {
      this.done.push({ key, title, state: 'skipped', tookMs: 0, text: 'not tried' })
      return
    }
    try {
      const said = await work()
      const answer = typeof said === 'string' ? { text: said } : said
      const state =
        answer.isSkipped === true ? 'skipped' : answer.isWarning === true ? 'warning' : 'passed'
      this.done.push({
        key,
        title,
        state,
        tookMs: Math.round(performance.now() - startMs),
        text: answer.text,
        ...(answer.advice === undefined ? {} : { advice: answer.advice }),
      })
    } catch (error) {
      this.failure = error
      const advice = adviceOf(error)
      this.done.push({
        key,
        title,
        state: 'failed',
        tookMs: Math.round(performance.now() - startMs),
        text: messageOf(error),
        advice,
      })
    }
  }
}

export interface TestOptions {
  readonly kind: ConnectorKind
  readonly properties: Properties
  readonly logger: Logger
  readonly signal: AbortSignal
  readonly storeRefresh: (token: string) => void
  /** Of a saved connection, whose sign-in others have too. */
  readonly exclusively?: RenewExclusively
}

export async function testConnection(options: TestOptions): Promise<TestResult> {
  const startMs = performance.now()
  const steps = new Steps()
  const said =
    options.kind === 'cassandra'
      ? await testCassandra(options, steps)
      : await testBacklog(options, steps)
  const failed = steps.done.find(one => one.state === 'failed')
  const status = statusOf(steps.failure)
  const text = failed === undefined ? said.text : `${failed.title}: ${failed.text}`
  const keyspaces = said.keyspaces === undefined ? {} : { keyspaces: said.keyspaces }
  return {
    ok: failed === undefined,
    status,
    text,
    tookMs: Math.round(performance.now() - startMs),
    steps: steps.done,
    ...keyspaces,
  }
}

function statusOf(error: unknown): ConnectionStatus {
  if (error === undefined) return 'SUCCESSFUL'
  const code = isScamanderError(error) ? error.code : ''
  if (code === BACKLOG_ERRORS.AUTH_FAILED.code) return 'AUTH_FAILED'
  return code === BACKLOG_ERRORS.AUTH_EXPIRED.code ? 'AUTH_EXPIRED' : 'FAILED'
}

interface Outcome {
  readonly text: string
  readonly keyspaces?: readonly string[]
}

async function testCassandra(
  { properties, logger, signal }: TestOptions,
  steps: Steps,
): Promise<Outcome> {
  const host = String(properties['server']).split(',')[0]!.trim()
  const port = Number(properties['port'])
  const keyspace = String(properties['database'])
  let session: ControlSession | undefined
  let keyspaces: string[] | undefined
  let text = ''
  let refused: Error | undefined
  try {
    await steps.run('resolve', 'Resolve name', async () => (await lookup(host)).address)
    await steps.run('tcp', 'TCP connect', () => touch(host, port))
    await steps.run('tls', 'TLS handshake', async () =>
      properties['useSsl'] === true
        ? 'checked with the CQL handshake'
        : { text: 'off (Use SSL is False)', isSkipped: true },
    )
    await steps.run('handshake', 'CQL handshake', async () => {
      try {
        session = await ControlSession.open(cassandraSettings(properties), { logger, signal })
      } catch (error) {
        // It answered: who is refused is told by the next step.
        if (!isScamanderError(error) || error.code !== CASSANDRA_ERRORS.CREDENTIALS.code)
          throw error
        refused = error
        return 'the server demands a login'
      }
      text = `Cassandra ${session.releaseVersions.join(', ')}`
      return `protocol v${session.protocolVersion}, ${text}`
    })
    await steps.run('authenticate', 'Authenticate', async () => {
      if (refused !== undefined) throw refusedLogin(properties, refused)
      return properties['authScheme'] === 'Basic' ? `as ${properties['user']}` : 'without a user'
    })
    await steps.run('schema', 'Read schema', async () => {
      const rows = await session!.execute('SELECT keyspace_name FROM system_schema.keyspaces')
      keyspaces = rows
        .map(row => String(row['keyspace_name']))
        .filter(name => !name.startsWith('system'))
        .sort()
      return `${keyspaces.length} keyspaces`
    })
    await steps.run('keyspace', 'Keyspace exists', async () => {
      if (keyspaces?.includes(keyspace) === true) return keyspace
      throw new UnfitError(
        `there is no keyspace ${keyspace}; there are ${keyspaces?.slice(0, 10).join(', ')}`,
        'Choose one of them as Database, or make the keyspace first.',
      )
    })
    await steps.run('write', 'Create, insert, read, drop a check table', async () =>
      properties['readOnly'] === true
        ? { text: 'off (Read-only)', isSkipped: true }
        : await tryTable(session!, keyspace),
    )
    await steps.run(
      'topology',
      'Data centres and consistency',
      async () =>
        `${session!.nodes.length} node(s), ${session!.localNodes.length} in the local data centre`,
    )
  } finally {
    await session?.close()
  }
  return {
    text: `Connected to ${text}, keyspace ${keyspace}`,
    ...(keyspaces === undefined ? {} : { keyspaces }),
  }
}

/** In the words of the form, and what the server answered. */
function refusedLogin(properties: Properties, { message }: Error): UnfitError {
  if (properties['authScheme'] !== 'Basic')
    return new UnfitError(
      'refused: the server demands a login',
      'Choose Basic as Auth Scheme, and give User and Password.',
    )
  const runs = /\b\w+Authenticator\b/.exec(message)?.[0] ?? 'a login'
  return new UnfitError(
    `refused: ${message}`,
    `Check User and Password. The server demands ${runs}, so "None" will not work either.`,
  )
}

/** Whatever else answers at the address has no space. */
async function spaceOf(client: BacklogClient, caller: Caller, host: string) {
  try {
    return await client.get<{ name: string }>('space', {}, caller)
  } catch (error) {
    if (!isScamanderError(error) || error.code !== BACKLOG_ERRORS.GONE.code) throw error
    throw new UnfitError(
      `${host} is no Backlog space: it answers 404`,
      'Check URL: the address of a space, for example https://acme.backlog.com.',
    )
  }
}

async function tryTable(session: ControlSession, keyspace: string): Promise<Said> {
  const at = qualifiedName(keyspace, `scamander_check_${randomBytes(4).toString('hex')}`)
  try {
    await session.execute(`CREATE TABLE ${at} (id int PRIMARY KEY)`)
  } catch (error) {
    if (!/unauthori[sz]ed|permission/i.test(messageOf(error))) throw error
    return {
      text: 'the user may not create tables',
      isWarning: true,
      advice: 'Grant CREATE on the keyspace, or make the tables before the first run.',
    }
  }
  try {
    await session.execute(`INSERT INTO ${at} (id) VALUES (1)`)
    const rows = await session.execute(`SELECT id FROM ${at}`)
    return rows.length === 1
      ? 'written and read'
      : { text: 'the written row was not read', isWarning: true }
  } finally {
    await session.execute(`DROP TABLE ${at}`)
  }
}

async function touch(host: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ host, port, timeout: 5_000 })
  socket.once('connect', resolve).once('error', reject)
  socket.once('timeout', () => reject(new TypeError(`no answer from ${host}:${port} within 5 s`)))
  try {
    await promise
    return `${host}:${port}`
  } finally {
    socket.destroy()
  }
}

async function testBacklog(
  { properties, signal, storeRefresh, exclusively }: TestOptions,
  steps: Steps,
): Promise<Outcome> {
  const facts = { space: '', user: '', projects: 0, reads: 0, host: '' }
  const caller: Caller = { signal }
  await steps.run('resolve', 'Resolve name', async () => {
    const { hostname, host } = new URL(
      toOrigin(String(properties['url']), properties['allowPlainHttp'] === true),
    )
    facts.host = host
    return (await lookup(hostname.replace(/^\[|\]$/g, ''))).address
  })
  await steps.run('tls', 'TLS', async () =>
    String(properties['url']).startsWith('http:')
      ? { text: 'plain http', isWarning: true, advice: 'Use https where the space offers it.' }
      : 'https',
  )
  if (steps.isFailed) return { text: '' }
  // Somebody waits for the answer.
  const client = backlogClient(properties, storeRefresh, {
    ...{ retries: TEST_RETRIES, exclusively },
  })
  await steps.run(
    'space',
    'Space',
    async () => (facts.space = String((await spaceOf(client, caller, facts.host)).name)),
  )
  await steps.run(
    'myself',
    'User',
    async () =>
      (facts.user = String((await client.get<{ name: string }>('users/myself', {}, caller)).name)),
  )
  await steps.run('projects', 'Projects', async () => {
    facts.projects = (await client.get<unknown[]>('projects', {}, caller)).length
    return facts.projects > 0
      ? `${facts.projects} projects`
      : {
          text: 'this user has no projects',
          isWarning: true,
          advice: 'Join the user to the projects that are to be copied.',
        }
  })
  await steps.run('rate-limit', 'Rate limit', async () => {
    const { rateLimit } = await client.get<{ rateLimit: { read: { limit: number } } }>(
      'rateLimit',
      {},
      caller,
    )
    facts.reads = rateLimit.read.limit
    return `${facts.reads} reads per minute`
  })
  return {
    text: `Connected to ${facts.space} (${facts.host}) as ${facts.user}, ${facts.projects} projects, ${facts.reads} reads/min`,
  }
}
