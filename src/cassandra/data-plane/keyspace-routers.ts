/**
 * The replica routers of the keyspaces that a session uses, kept in step with the ring.
 * Owned by a write session or a read session.
 * Invariant: a router that could not be refreshed stays: any node can coordinate, so the old ring
 * still routes correctly enough.
 */
import type { Logger } from '../../telemetry/index.ts'
import type { ControlSession } from '../control/control-session.ts'
import { ReplicaRouter } from './replica-router.ts'

export class KeyspaceRouters {
  readonly #control: ControlSession
  readonly #logger: Logger
  readonly #routers = new Map<string, ReplicaRouter>()
  #isClosed = false

  constructor(control: ControlSession, logger: Logger) {
    this.#control = control
    this.#logger = logger
    control.onNodeChange(() => void this.#refreshAll())
    control.onSchemaChange(() => void this.#refreshAll())
  }

  /** Undefined before `ensure`. */
  of(keyspace: string): ReplicaRouter | undefined {
    return this.#routers.get(keyspace)
  }

  /** Reads the keyspace's ring once; throws when that is not possible. */
  async ensure(keyspace: string): Promise<void> {
    if (!this.#routers.has(keyspace)) await this.#refresh(keyspace)
  }

  close(): void {
    this.#isClosed = true
  }

  async #refreshAll(): Promise<void> {
    for (const keyspace of this.#routers.keys()) {
      try {
        await this.#refresh(keyspace)
      } catch (error) {
        this.#logger.debug(`token ring of ${keyspace} was not refreshed: ${error}`)
      }
    }
  }

  async #refresh(keyspace: string): Promise<void> {
    if (this.#isClosed) return
    this.#routers.set(keyspace, new ReplicaRouter(await this.#control.tokenRing(keyspace)))
  }
}
