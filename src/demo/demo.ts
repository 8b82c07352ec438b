/**
 * `scamander demo`: real servers, real data sets, live flows, on one command.
 * Called by the command line, which parses the options and prints errors. Returns the exit code.
 * Invariants: Ctrl-C ends it within seconds at any moment; after it returned or threw nothing that
 * it started runs; a second Ctrl-C ends the process at once, and the servers with it.
 * Spec: design, decision 2.
 */
import { systemClock } from '../base/clock.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_LINES, type CassandraLine } from '../sandbox/index.ts'
import { Logger } from '../telemetry/index.ts'
import { loadFlights } from './data/flights.ts'
import { loadQuakes } from './data/quakes.ts'
import { loadStocks } from './data/stocks.ts'
import { DemoRun } from './demo-run.ts'
import { DEMO_ERRORS } from './errors.ts'
import { EXIT_CANCELLED, withInterruption } from './interruption.ts'
import { prove } from './proof.ts'
import { Screen, type ScreenOutput } from './screen.ts'
import { hints, renderBlock, renderLine } from './status-view.ts'

export interface DemoOptions {
  /** Send a fixed set, prove that it arrived, end. @default false */
  readonly once?: boolean
  /** Folder for data and logs of the servers. @default a temporary one */
  readonly dir?: string
  /** Keep the folder. @default true when `dir` is given */
  readonly keep?: boolean
  /** Records per second and topic. @default 300; with `once` as fast as Kafka takes them */
  readonly rate?: number
  /** Port of the REST API. @default 8083, or a free one when that is taken */
  readonly port?: number
  /** @default '5.0' */
  readonly cassandra?: CassandraLine
  /** @default standard output */
  readonly output?: ScreenOutput
}

const RATE = 300
const RATE_MAX = 100_000
const REFRESH_MS = 1_000

/** Resolves to the exit code: 0, 1 when the proof failed, 130 when it was interrupted too early. */
export async function runDemo(options: DemoOptions = {}): Promise<number> {
  checkOptions(options)
  const screen = new Screen(options.output ?? process.stdout)
  return await withInterruption(screen, signal => runUntil(signal, options, screen))
}

async function runUntil(
  signal: AbortSignal,
  options: DemoOptions,
  screen: Screen,
): Promise<number> {
  const { once = false, dir, keep, port, cassandra = '5.0' } = options
  const rate = options.rate ?? (once ? undefined : RATE)
  const logger = Logger.create({ level: 'warn', sink: line => screen.line(toLine(line)) })
  const own = { once, dir, keep, rate, port, cassandra }
  const run = new DemoRun({ options: own, screen, logger, signal })
  try {
    await run.start(Promise.all([loadStocks(), loadFlights(), loadQuakes()]))
    if (once) return (await prove(run, screen, signal)) ? 0 : 1
    await live(run, screen, signal)
    return 0
  } catch (error) {
    // What an interrupted start throws is of no interest.
    if (signal.aborted || isScamanderError(error, 'cancelled')) return EXIT_CANCELLED
    throw error
  } finally {
    screen.release()
    logger.setLevel('off')
    await run.close()
    screen.step('stopped; nothing is left running')
  }
}

async function live(run: DemoRun, screen: Screen, signal: AbortSignal): Promise<void> {
  const startedMs = performance.now()
  const { restUrl } = run
  if (!screen.isTerminal) {
    const topics = run.flows.map(({ flow }) => flow)
    for (const line of hints(restUrl, topics)) screen.line(`          ${line}`)
  }
  while (!signal.aborted) {
    const status = { elapsedMs: performance.now() - startedMs, restUrl, flows: await run.sample() }
    if (signal.aborted) return
    screen.show(
      () => renderBlock(status),
      () => renderLine(status),
    )
    await systemClock.sleep(REFRESH_MS, signal)
  }
}

function checkOptions({ rate, cassandra }: DemoOptions): void {
  if (rate !== undefined && !(Number.isFinite(rate) && rate > 0 && rate <= RATE_MAX)) {
    const message = `--rate: expected records per second, more than 0 and up to ${RATE_MAX}, found ${rate}`
    throw new ScamanderError(DEMO_ERRORS.OPTION, message)
  }
  if (cassandra === undefined || CASSANDRA_LINES.includes(cassandra)) return
  const message = `--cassandra: expected one of ${CASSANDRA_LINES.join(', ')}, found ${String(cassandra)}`
  throw new ScamanderError(DEMO_ERRORS.OPTION, message)
}

/** A log line for people. */
function toLine(line: Readonly<Record<string, unknown>>): string {
  const { level, msg, connector, error } = line
  const from = connector === undefined ? '' : `${String(connector)}: `
  const cause = error === undefined ? '' : ` (${String(error)})`
  return `${String(level)}: ${from}${String(msg)}${cause}`
}
