/**
 * Replication in a worker of a group: opened when the group gives this worker the jobs, closed when
 * they go. Offered to the connector of replication by startDistributed.
 * Invariants: nothing of the jobs runs here but between `take` and `release`; from `leave` on nothing is
 * kept, so that whoever has the jobs then is not disturbed; the connector is there as long as a worker is.
 * Spec: design, decision 5; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Backoff } from '../base/backoff.ts'
import { systemClock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import {
  CONNECT_ERRORS,
  type DistributedConfig,
  type DistributedWorker,
  workerClientSettings,
} from '../connect/index.ts'
import { REPLICATE_ERRORS, Replicator, SharedState } from '../replicate/index.ts'
import {
  type HeldWork,
  REPLICATION_CONNECTOR,
  REPLICATION_CONNECTOR_CLASS,
} from '../source/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Route } from './route.ts'
import { RouteTable } from './v1/route-table.ts'
import type { HeldRoutes } from './v1/shared-routes.ts'

export interface ReplicationHostParts {
  readonly config: DistributedConfig
  readonly logger: Logger
  /** What is served of it; closed when the jobs go. */
  readonly open: (replicator: Replicator) => {
    readonly routes: readonly Route[]
    readonly close: () => void
  }
}

interface Held extends HeldRoutes {
  readonly state: SharedState
  readonly replicator: Replicator
  /** Ends what callers listen to. */
  readonly end: () => void
}

const AGAIN = { baseMs: 500, maxMs: 10_000 }
const WATCH_MS = 2_000
/** Somebody else makes the connector, or will soon. */
const NOT_MINE = new Set([
  CONNECT_ERRORS.ELSEWHERE.code,
  CONNECT_ERRORS.NO_LEADER.code,
  CONNECT_ERRORS.EXISTS.code,
])

export class ReplicationHost implements HeldWork {
  readonly connector = REPLICATION_CONNECTOR
  readonly #parts: ReplicationHostParts
  /** Of the copies, each in a folder of its own: one may still be closed while the next is read. */
  readonly #folder: string
  #held: Held | undefined
  #isLost = false
  #watch: NodeJS.Timeout | undefined

  constructor(parts: ReplicationHostParts) {
    this.#parts = parts
    const { replicateFolder } = parts.config.settings
    this.#folder = replicateFolder === '' ? tmpdir() : replicateFolder
    if ((process.env['SCAMANDER_MASTER_KEY'] ?? '') !== '') return
    const message =
      'SCAMANDER_MASTER_KEY: expected the key of secrets, 32 bytes in base64, the same for all workers of the group, found none'
    throw new ScamanderError(REPLICATE_ERRORS.STATE, message)
  }

  /** Undefined: the jobs are elsewhere. */
  get held(): HeldRoutes | undefined {
    return this.#isLost ? undefined : this.#held
  }

  get replicator(): Replicator | undefined {
    return this.#isLost ? undefined : this.#held?.replicator
  }

  async take(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(AGAIN)
    for (;;) {
      try {
        this.#isLost = false
        this.#held = await this.#open()
        break
      } catch (error) {
        if (!isScamanderError(error, 'retriable') && !isScamanderError(error, 'disconnected'))
          throw error
        const { logger } = this.#parts
        logger.warnLimited('take', `the jobs cannot be read, trying again: ${messageOf(error)}`)
        await systemClock.sleep(backoff.next(), signal)
        if (signal.aborted) throw stopped()
      }
    }
    // Taken away meanwhile.
    if (signal.aborted) {
      this.leave()
      throw stopped()
    }
    this.#held.replicator.start()
  }

  check(): void {
    if (!this.#isLost) return
    const message = 'another worker took the replication jobs over'
    throw new ScamanderError(REPLICATE_ERRORS.MOVED, message)
  }

  leave(): void {
    this.#isLost = true
    this.#held?.state.leave()
    this.#held?.end()
  }

  async release(): Promise<void> {
    const held = this.#held
    this.#held = undefined
    if (held === undefined) return
    held.end()
    await held.replicator.close()
    await held.state.close()
  }

  /** Has the connector made when it is missing. */
  watch(worker: DistributedWorker): void {
    const look = () => {
      if (worker.names().includes(REPLICATION_CONNECTOR)) return
      const config = {
        ...{ name: REPLICATION_CONNECTOR, 'connector.class': REPLICATION_CONNECTOR_CLASS },
        'tasks.max': '1',
      }
      worker.create(REPLICATION_CONNECTOR, config, 'STARTED').catch(error => {
        if (isScamanderError(error) && NOT_MINE.has(error.code)) return
        const { logger } = this.#parts
        logger.warnLimited('connector', `no replication yet, trying again: ${messageOf(error)}`)
      })
    }
    look()
    this.#watch = setInterval(look, WATCH_MS)
  }

  close(): void {
    clearInterval(this.#watch)
  }

  async #open(): Promise<Held> {
    const { config, logger, open } = this.#parts
    const { replicateTopic: topic, groupId, configReplication } = config.settings
    const folder = join(this.#folder, `scamander-replication-${randomUUID()}`)
    const state = await SharedState.open(
      {
        client: workerClientSettings(config.worker.source, {
          'client.id': 'scamander-replication',
        }),
        ...{ topic, replicationFactor: configReplication, folder },
        transactionalId: `connect-cluster-${groupId}-replication`,
      },
      {
        logger,
        onLost: () => {
          this.#isLost = true
        },
      },
    )
    const replicator = new Replicator(state.store, logger)
    const { routes, close } = open(replicator)
    const table = new RouteTable(routes)
    return { state, replicator, table, end: close, settled: () => state.store.settled() }
  }
}

function stopped(): ScamanderError {
  return new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the task was stopped')
}
