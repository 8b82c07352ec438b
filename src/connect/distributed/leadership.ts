/**
 * This worker's leadership while the group says that it leads: opens the writer of configurations,
 * renews the session key, gives the leadership up. And the way to whoever leads: of task
 * configurations, and of the wish that earlier tasks be fenced.
 * Owned by `ClusterMember`.
 * Invariants: one opening at a time, since a second would fence the first; a leader that was opened
 * after the group chose another is closed unused.
 * Spec: connect-rest 2.6, 18.3 (6).
 */
import { systemClock } from '../../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { type ConnectionSettings, fenceProducers, TransactionalWriter } from '../../kafka/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { transactionalIdOf } from '../exactly-once.ts'
import { elsewhere } from '../herder.ts'
import type { DistributedWorkerSettings } from '../worker-config.ts'
import type { ClusterLog } from './cluster-log.ts'
import type { Settings } from './config-records.ts'
import { CLUSTER_ERRORS } from './errors.ts'
import { hasTasks, Leader } from './leader.ts'
import { sign } from './session-key.ts'

export interface LeadershipParts {
  readonly log: ClusterLog
  readonly settings: DistributedWorkerSettings
  readonly connection: ConnectionSettings
  readonly logger: Logger
  readonly divideAtOnce: (settings: Settings) => readonly Settings[] | undefined
  /** Leading did not begin, or another leader writes now: the group must tell once more. */
  readonly again: () => void
  /** Leading can never begin. */
  readonly failed: (error: ScamanderError) => void
}

const TELL_TIMEOUT_MS = 10_000
const KEY_CHECK_MS = 30_000
const LEAD_AGAIN_MS = 1_000
const READ_TIMEOUT_MS = 30_000

export class Leadership {
  readonly #parts: LeadershipParts
  #leader: Leader | undefined
  /** The group says that this worker leads; it does once `#leader` is there. */
  #isWanted = false
  #opening: Promise<void> | undefined
  #keyTimer: NodeJS.Timeout | undefined
  /** Ends what the present leader is fencing. */
  #fencing = new AbortController()

  constructor(parts: LeadershipParts) {
    this.#parts = parts
  }

  get leader(): Leader | undefined {
    return this.#leader
  }

  /** Resolves when this worker leads, or could not begin. */
  async begin(): Promise<void> {
    this.#isWanted = true
    if (this.#leader !== undefined) return
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    await this.#opening
  }

  resign(): void {
    void this.close()
  }

  async close(): Promise<void> {
    this.#isWanted = false
    clearInterval(this.#keyTimer)
    this.#fencing.abort()
    const leader = this.#leader
    this.#leader = undefined
    await leader?.close()
  }

  /** Task configurations go to the leader, signed; an unchanged set goes nowhere. */
  async publish(
    name: string,
    tasks: readonly Settings[],
    leaderUrl: string | undefined,
  ): Promise<void> {
    const { config } = this.#parts.log
    const known = config.connector(name)
    if (known === undefined || hasTasks(known, tasks)) return
    if (this.#leader !== undefined) {
      await this.#leader.putTasks(name, tasks)
      return
    }
    const path = `/connectors/${encodeURIComponent(name)}/tasks`
    await this.#tell(leaderUrl, { method: 'POST', path, body: JSON.stringify(tasks) })
  }

  /** Resolves when no earlier task of the connector can write any more. */
  async fence(name: string, leaderUrl: string | undefined): Promise<void> {
    const { log } = this.#parts
    if (log.config.connector(name)?.isFencingDue !== true) return
    if (this.#leader !== undefined) return await this.#leader.fence(name)
    const path = `/connectors/${encodeURIComponent(name)}/fence`
    await this.#tell(leaderUrl, { method: 'PUT', path, body: '' })
    await log.catchUp(READ_TIMEOUT_MS)
  }

  async #tell(
    leaderUrl: string | undefined,
    call: { readonly method: 'POST' | 'PUT'; readonly path: string; readonly body: string },
  ): Promise<void> {
    const { method, path, body } = call
    const { sessionKey } = this.#parts.log.config
    if (leaderUrl === undefined || sessionKey === undefined) throw elsewhere(undefined)
    const signed = sign(sessionKey, this.#parts.settings.signatureAlgorithm, body)
    const response = await fetch(`${leaderUrl}${path}?forward=false`, {
      method,
      headers: { ...(body === '' ? {} : { 'content-type': 'application/json' }), ...signed },
      ...(body === '' ? {} : { body }),
      signal: AbortSignal.timeout(TELL_TIMEOUT_MS),
    })
    if (response.ok) return
    const message = `the leader answers ${response.status}: ${await response.text()}`
    throw new ScamanderError(CLUSTER_ERRORS.NOT_SYNCHRONISED, message)
  }

  async #open(): Promise<void> {
    const leader = this.#newLeader()
    try {
      await leader.open()
    } catch (error) {
      await leader.close()
      await this.#onFailure(error)
      return
    }
    if (!this.#isWanted) {
      await leader.close()
      return
    }
    this.#leader = leader
    this.#keyTimer = setInterval(() => void this.#renewKey(), KEY_CHECK_MS)
  }

  async #onFailure(error: unknown): Promise<void> {
    if (!this.#isWanted) return
    if (isScamanderError(error, 'config')) {
      this.#parts.failed(error)
      return
    }
    this.#parts.logger.warn(`leading did not begin, trying again: ${messageOf(error)}`)
    await systemClock.sleep(LEAD_AGAIN_MS)
    this.#parts.again()
  }

  #newLeader(): Leader {
    const { log, settings, connection, divideAtOnce, again } = this.#parts
    const { groupId, configTopic, keyAlgorithm, keySizeBits, keyTtlMs } = settings
    this.#fencing = new AbortController()
    const { signal } = this.#fencing
    return new Leader({
      log,
      writer: new TransactionalWriter({
        connection,
        transactionalId: `connect-cluster-${groupId}`,
        topic: configTopic,
      }),
      readTimeoutMs: READ_TIMEOUT_MS,
      sessionKey: { algorithm: keyAlgorithm, bits: keySizeBits, ttlMs: keyTtlMs },
      divideAtOnce,
      fenceTasks: async (name, count) => {
        const tasks = Array.from({ length: count }, (_, task) => task)
        const ids = tasks.map(task => transactionalIdOf(groupId, name, task))
        await fenceProducers(connection, ids, signal)
      },
      deposed: () => {
        this.resign()
        again()
      },
    })
  }

  async #renewKey(): Promise<void> {
    try {
      await this.#leader?.renewSessionKey()
    } catch (error) {
      this.#parts.logger.debug(`session key not renewed, trying again: ${messageOf(error)}`)
    }
  }
}
