/**
 * `scamander demo migrate`: two real clusters, an application that writes all the time, and a move from
 * one to the other without a pause: proxy, copy, validation, reads from the target.
 * Called by the command line. Returns the exit code: that of the validation, 130 when interrupted.
 * Invariants: everything that it started is stopped when it returns; ports are of this machine only.
 * Spec: issue 7; live-migration 5.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import {
  type CassandraConnectionSettings,
  CONNECTION_DEFAULTS,
  ControlSession,
} from '../../cassandra/index.ts'
import { CONSISTENCY } from '../../cql/index.ts'
import {
  COPY_DEFAULTS,
  type CopyProgress,
  countsText,
  failureText,
  RunStore,
  runCopy,
  runValidation,
  VALIDATE_DEFAULTS,
} from '../../migrate/index.ts'
import { type RunningProxy, readProxySettings, startProxy } from '../../proxy/index.ts'
import { type CassandraDescription, startSandbox } from '../../sandbox/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { DEMO_ERRORS } from '../errors.ts'
import { EXIT_CANCELLED, withInterruption } from '../interruption.ts'
import { Screen, type ScreenOutput } from '../screen.ts'
import { CREATE_KEYSPACE, CREATE_TABLE, fillShop, KEYSPACE, Shop, TABLE } from './shop.ts'

export interface MigrationDemoOptions {
  /** Orders before the migration. @default 30000 */
  readonly rows?: number
  /** Folder for data and logs of the servers. @default a temporary one */
  readonly dir?: string
  /** Keep the folder. @default true when `dir` is given */
  readonly keep?: boolean
  /** @default standard output */
  readonly output?: ScreenOutput
}

const ROWS = 30_000
const ROWS_MAX = 10_000_000
const HEAP_MB = 640
/** Slow enough to be seen: about ten seconds. */
const COPY_SECONDS = 10
const LIVE_MS = 2_000
const BAR_WIDTH = 30

/** What is closed at the end, in the opposite order. */
type Closing = (() => Promise<unknown>)[]

export async function runMigrationDemo(options: MigrationDemoOptions = {}): Promise<number> {
  const { rows = ROWS } = options
  if (!Number.isSafeInteger(rows) || rows < 1 || rows > ROWS_MAX) {
    const message = `--rows: expected a whole number from 1 to ${ROWS_MAX}, found ${rows}`
    throw new ScamanderError(DEMO_ERRORS.OPTION, message)
  }
  const screen = new Screen(options.output ?? process.stdout)
  return await withInterruption(screen, async signal => {
    const closing: Closing = []
    try {
      return await migrate({ screen, signal, closing, rows }, options)
    } catch (error) {
      if (signal.aborted || isScamanderError(error, 'cancelled')) return EXIT_CANCELLED
      throw error
    } finally {
      screen.release()
      for (const close of closing.reverse()) await close().catch(() => undefined)
      screen.step('stopped; nothing is left running')
    }
  })
}

interface Scene {
  readonly screen: Screen
  readonly signal: AbortSignal
  readonly closing: Closing
  readonly rows: number
}

async function migrate(scene: Scene, options: MigrationDemoOptions): Promise<number> {
  const { screen, signal, closing, rows } = scene
  const folder = await openFolder(scene, options)
  const logger = Logger.create({ level: 'error', sink: line => screen.line(String(line['msg'])) })
  screen.step('starting two Cassandra clusters; their first start takes longest')
  const [source, target] = await startClusters(scene, folder)
  const onSource = await connect(source!, { signal, logger, closing })
  const onTarget = await connect(target!, { signal, logger, closing })
  for (const session of [onSource, onTarget]) {
    await session.execute(CREATE_KEYSPACE)
    await session.execute(CREATE_TABLE)
  }
  await fillShop(onSource, rows, signal)
  screen.step(`source: ${count(rows)} orders; target: empty`)

  const proxy = await openProxy(source!, target!, { logger, closing })
  const viaProxy = { ...source!, port: proxy.port }
  const shop = new Shop(await connect(viaProxy, { signal, logger, closing }), rows)
  closing.push(() => shop.close())
  await systemClock.sleep(LIVE_MS, signal)
  signal.throwIfAborted()
  screen.step(
    `proxy: the shop writes to both clusters through it, ${count(shop.writes)} writes so far`,
  )

  const store = new RunStore(join(folder, 'migration.sqlite'))
  closing.push(async () => store.close())
  const clusters = { source: settingsOf(source!), target: settingsOf(target!) }
  const run = { clusters, store, isRestart: true, logger, signal }
  await copy(scene, run, shop)
  signal.throwIfAborted()
  const live = await validate(run, screen)
  signal.throwIfAborted()
  screen.step(`compared while the shop writes on: ${live.differences} rows differ`)

  proxy.control.setRouting({ primary: 1 })
  await systemClock.sleep(LIVE_MS, signal)
  await shop.close()
  signal.throwIfAborted()
  screen.step(
    `reads come from the target; the shop is closed after ${count(shop.writes)} writes, ${shop.lost} lost`,
  )
  const last = await validate(run, screen)
  screen.release()
  screen.line(last.text)
  screen.step(last.exitCode === 0 ? 'both clusters are equal, cell by cell' : 'the clusters differ')
  return last.exitCode
}

async function openFolder({ closing }: Scene, options: MigrationDemoOptions): Promise<string> {
  const { dir, keep = dir !== undefined } = options
  const prefix = join(tmpdir(), 'scamander-demo-migrate-')
  const folder = dir === undefined ? await mkdtemp(prefix) : resolve(dir)
  if (!keep) closing.push(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function startClusters(
  { screen, signal, closing }: Scene,
  folder: string,
): Promise<CassandraDescription[]> {
  const starting = ['source', 'target'].map(name =>
    startSandbox({
      ...{ dir: join(folder, name), keep: true, kafka: false, heapMb: HEAP_MB, signal },
      progress: line => screen.step(`${name}: ${line}`),
    }),
  )
  closing.push(async () => {
    const started = await Promise.allSettled(starting)
    await Promise.all(started.map(one => one.status === 'fulfilled' && one.value.stop()))
  })
  const sandboxes = await Promise.all(starting)
  return sandboxes.map(sandbox => sandbox.description.cassandra!)
}

interface Opening {
  readonly signal?: AbortSignal
  readonly logger: Logger
  readonly closing: Closing
}

function settingsOf({
  contactPoints,
  port,
  localDatacenter,
}: CassandraDescription): CassandraConnectionSettings {
  const points = contactPoints.map(host => ({ host, port }))
  return { ...CONNECTION_DEFAULTS, contactPoints: points, localDc: localDatacenter }
}

async function connect(
  cassandra: CassandraDescription,
  { signal, logger, closing }: Opening & { readonly signal: AbortSignal },
): Promise<ControlSession> {
  const session = await ControlSession.open(settingsOf(cassandra), {
    logger,
    signal,
    isStart: true,
  })
  closing.push(() => session.close())
  return session
}

async function openProxy(
  source: CassandraDescription,
  target: CassandraDescription,
  { logger, closing }: Opening,
): Promise<RunningProxy> {
  const proxy = await startProxy(
    readProxySettings([
      ...[source.contactPoints[0]!, target.contactPoints[0]!],
      ...['--source-port', `${source.port}`, '--target-port', `${target.port}`],
      ...['--disable-source-tls', 'true', '--disable-target-tls', 'true'],
      ...['--proxy-host', '127.0.0.1', '--proxy-port', '0', '--metrics', 'false'],
      ...['--target-failure', 'fail'],
    ]),
    logger,
  )
  closing.push(() => proxy.close())
  return proxy
}

type Run = Pick<
  Parameters<typeof runCopy>[0],
  'clusters' | 'store' | 'isRestart' | 'logger' | 'signal'
>

const SELECTION = {
  ...{ keyspace: KEYSPACE, targetKeyspace: KEYSPACE, tables: [TABLE] },
  readConsistency: CONSISTENCY.LOCAL_ONE,
}

async function copy({ screen, rows }: Scene, run: Run, shop: Shop): Promise<void> {
  const settings = {
    ...{ ...COPY_DEFAULTS, ...SELECTION, readRate: Math.ceil(rows / COPY_SECONDS) },
    backdateUs: BigInt(Date.now() - 60_000) * 1000n,
  }
  const onProgress = (progress: CopyProgress) => {
    const text = () => progressText(progress, shop)
    screen.show(() => [text()], text)
  }
  const rejects = { write: () => undefined }
  const { read, rejected, exitCode } = await runCopy({ ...run, settings, rejects, onProgress })
  screen.release()
  if (exitCode !== 0 && exitCode !== 4) {
    const message = `the copy ended with exit code ${exitCode}, ${rejected} rows were rejected`
    throw new ScamanderError(DEMO_ERRORS.COPY, message)
  }
  screen.step(`copied ${count(read)} orders with their write times while the shop wrote`)
}

function progressText({ share, read, rowsPerSecond }: CopyProgress, shop: Shop): string {
  const full = Math.round(share * BAR_WIDTH)
  const bar = '#'.repeat(full).padEnd(BAR_WIDTH, '.')
  const percent = `${Math.round(share * 100)} %`.padStart(5)
  return `          copy [${bar}] ${percent}  ${count(read)} rows, ${count(Math.round(rowsPerSecond))}/s; shop: ${count(shop.writes)} writes`
}

async function validate(run: Run, screen: Screen) {
  const settings = { ...VALIDATE_DEFAULTS, ...SELECTION, compareTimestamps: true }
  const onFailure = (failure: Parameters<typeof failureText>[0]) =>
    screen.line(failureText(failure).trimEnd())
  const { counts, exitCode } = await runValidation({ ...run, settings, onFailure })
  const differences = counts.missing + counts.extra + counts.mismatch
  return { exitCode, differences, text: countsText(counts) }
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
