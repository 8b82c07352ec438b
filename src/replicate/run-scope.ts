/**
 * What the parts of one run share: its options, the session that writes, how long the rate limit made it
 * wait, and its end when somebody stops it. Made by run-job.ts; read by task-opening, table-reading,
 * query-reading and missing-rows.
 * Spec: backlog-replication 1.4, 2.12.
 */
import type { RunMode } from '../api-v1.ts'
import type { Caller } from '../backlog/index.ts'
import { BACKLOG_ERRORS } from '../backlog/index.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import type { CassandraConnectionSettings, WriteSession } from '../cassandra/index.ts'
import type { ConsistencyName } from '../cql/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { exchangeLog } from './exchange-log.ts'
import type { JobRecord } from './job-record.ts'
import type { OpenSource } from './open-source.ts'
import type { Projector } from './projector.ts'
import type { RetryPlan } from './retry-plan.ts'
import { type RunFacts, sharedEnv } from './run-facts.ts'
import type { LiveRun, LiveTask } from './run-state.ts'
import type { Store } from './store.ts'
import type { TableWriter } from './table-writer.ts'
import type { TaskSetup } from './task-setup.ts'
import type { IsEarly } from './task-start.ts'

export interface RunJobOptions {
  readonly store: Store
  readonly logger: Logger
  readonly job: JobRecord
  readonly setups: readonly (
    | TaskSetup
    | { readonly taskId: string; readonly table: string; readonly error: unknown }
  )[]
  readonly source: OpenSource
  readonly destination: CassandraConnectionSettings
  readonly writeConcurrency: number
  readonly consistency: ConsistencyName
  readonly run: LiveRun
  readonly mode: RunMode
  readonly acceptDeletes: boolean
  /** Only rejected rows of an earlier run are read, where the source can be asked for them. */
  readonly retry: RetryPlan | undefined
}

export interface ReadyTask {
  readonly setup: TaskSetup
  readonly live: LiveTask
  readonly writer: TableWriter
  readonly projector: Projector
  readonly isEarly: IsEarly
  /** This run empties the table before its first row. */
  readonly isEmptied: boolean
}

export class RunScope {
  readonly of: RunJobOptions
  readonly session: WriteSession
  #waitedMs = 0

  constructor(of: RunJobOptions, session: WriteSession) {
    this.of = of
    this.session = session
  }

  /** Who asks Backlog, for the requests and the waiting of these tasks. */
  caller(lives: readonly LiveTask[]): Caller {
    const { run, job } = this.of
    return {
      ...{ signal: run.controller.signal, job: job.id },
      onRequest: kind => void run.requests[kind]++,
      ...exchangeLog(run, lives),
      onWait: ms => {
        this.#waitedMs += ms
        run.requests.waitedMs = this.#waitedMs
        const limit = job.settings.waitMaxSeconds * 1000
        if (limit > 0 && this.#waitedMs > limit) {
          throw new ScamanderError(
            BACKLOG_ERRORS.WAIT_LIMIT,
            `the rate limit made this run wait more than ${job.settings.waitMaxSeconds} s`,
          )
        }
        for (const live of lives) {
          // A request that was under way when its task failed goes on: the task stays as it ended.
          if (live.endedMs !== undefined) continue
          live.state = ms > 0 ? 'WAITING_RATE_LIMIT' : 'RUNNING'
          if (ms > 0) live.activity = `waiting for the rate limit, ${Math.ceil(ms / 1000)} s`
        }
        run.touch()
      },
    }
  }

  /** What statements of a task are told of this run. */
  facts(taskId: string): RunFacts {
    const { store, run } = this.of
    const fresh = store.get<string>('fresh', taskId)
    const lastMs = fresh === undefined ? null : Date.parse(fresh)
    return { runId: run.id, startMs: run.startedMs, lastMs, env: sharedEnv() }
  }

  /** Throws `STOPPED`. */
  stopIfAsked(): void {
    if (this.of.run.controller.signal.aborted)
      throw new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the run was stopped')
  }

  /** More rows were refused than the job allows. */
  isRefused({ live }: ReadyTask): boolean {
    const { mode, job } = this.of
    // What a retry refuses stays in the list; it passes nothing.
    return mode !== 'retry' && live.counts.rejected > job.settings.rejectedMax
  }
}
