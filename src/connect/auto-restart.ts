/**
 * Restarts tasks that failed, after a pause that doubles with every failure, up to a limit; a task
 * that then runs for a while begins anew. A setting that servers do not accept counts as a failure
 * that may pass (the table may be made, the node may come); a record that cannot be converted stays
 * in the way until somebody acts.
 * Owned by the worker, told by the hooks of the tasks. Shown in the trace of the task.
 * Invariants: at most one restart of a task is under way; after `forget` and `close` none follows.
 * Spec: connect-rest 4 (ours).
 */
import type { ConnectorStateInfo, TaskState } from '../api.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import type { ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'

export interface AutoRestartSettings {
  readonly isEnabled: boolean
  readonly pauseMs: number
  readonly pauseMsMax: number
  /** Restarts without success, one after the other. */
  readonly attemptsMax: number
}

export interface AutoRestartParts {
  readonly settings: AutoRestartSettings
  readonly logger: Logger
  /** Restarts the task unless it is gone or runs. */
  readonly restart: (connector: string, task: number) => Promise<void>
  readonly clock?: Clock
}

interface Watched {
  attempts: number
  startedAtMs: number
  /** Undefined: none is planned. */
  plan: { readonly atMs: number; readonly cancel: AbortController } | undefined
}

/** A task that ran as long as this has recovered. */
const RECOVERED_MS = 600_000

export class AutoRestart {
  readonly #parts: AutoRestartParts
  readonly #clock: Clock
  readonly #tasks = new Map<string, Watched>()

  constructor(parts: AutoRestartParts) {
    this.#parts = parts
    this.#clock = parts.clock ?? systemClock
  }

  started(connector: string, task: number): void {
    const watched = this.#tasks.get(keyOf(connector, task))
    if (watched === undefined) return
    watched.startedAtMs = this.#clock.nowMs()
    watched.plan?.cancel.abort()
    watched.plan = undefined
  }

  failed(connector: string, task: number, error: ScamanderError): void {
    const { settings } = this.#parts
    if (!settings.isEnabled || !mayPass(error)) return
    const watched = this.#watch(connector, task)
    const nowMs = this.#clock.nowMs()
    if (watched.startedAtMs > 0 && nowMs - watched.startedAtMs >= RECOVERED_MS) watched.attempts = 0
    watched.startedAtMs = 0
    if (watched.attempts >= settings.attemptsMax) return
    const pauseMs = Math.min(settings.pauseMs * 2 ** watched.attempts, settings.pauseMsMax)
    watched.attempts++
    const cancel = new AbortController()
    watched.plan?.cancel.abort()
    watched.plan = { atMs: nowMs + pauseMs, cancel }
    void this.#restartAfter(pauseMs, { connector, task, watched, cancel })
  }

  /** What happens next to a failed task, for its trace; undefined: nothing by itself. */
  noteOf(connector: string, task: number): string | undefined {
    const watched = this.#tasks.get(keyOf(connector, task))
    if (watched === undefined) return undefined
    const { attemptsMax } = this.#parts.settings
    if (watched.plan !== undefined) {
      const at = new Date(watched.plan.atMs).toISOString()
      return `Restarts by itself at ${at} (${watched.attempts} of ${attemptsMax}).`
    }
    if (watched.attempts < attemptsMax) return undefined
    return `Restarted by itself ${attemptsMax} times in vain; it stays FAILED until it is restarted.`
  }

  /** A status in which failed tasks tell below their trace what happens next. */
  annotated(status: ConnectorStateInfo): ConnectorStateInfo {
    const tasks = status.tasks.map(task => this.annotatedTask(status.name, task))
    return { ...status, tasks }
  }

  annotatedTask(connector: string, task: TaskState): TaskState {
    const note = task.state === 'FAILED' ? this.noteOf(connector, task.id) : undefined
    if (note === undefined) return task
    const { trace = '', version, ...rest } = task
    const told = { ...rest, trace: `${trace}\n${note}` }
    return version === undefined ? told : { ...told, version }
  }

  /** For a connector that is stopped, changed or deleted, or whose task somebody restarts. */
  forget(connector: string, task?: number): void {
    const isMeant = (key: string) =>
      task === undefined ? key.startsWith(`${connector}\u0000`) : key === keyOf(connector, task)
    for (const [key, watched] of this.#tasks) {
      if (!isMeant(key)) continue
      watched.plan?.cancel.abort()
      this.#tasks.delete(key)
    }
  }

  close(): void {
    for (const { plan } of this.#tasks.values()) plan?.cancel.abort()
    this.#tasks.clear()
  }

  #watch(connector: string, task: number): Watched {
    const key = keyOf(connector, task)
    const known = this.#tasks.get(key)
    if (known !== undefined) return known
    const made: Watched = { attempts: 0, startedAtMs: 0, plan: undefined }
    this.#tasks.set(key, made)
    return made
  }

  async #restartAfter(
    pauseMs: number,
    of: { connector: string; task: number; watched: Watched; cancel: AbortController },
  ): Promise<void> {
    const { connector, task, watched, cancel } = of
    await this.#clock.sleep(pauseMs, cancel.signal)
    if (cancel.signal.aborted) return
    watched.plan = undefined
    const { logger, restart } = this.#parts
    const fields = { room: 'connect', connector, task }
    logger.child(fields).info(`the failed task restarts by itself, attempt ${watched.attempts}`)
    try {
      await restart(connector, task)
    } catch (error) {
      logger.child(fields).error('the restart of the task failed', error)
    }
  }
}

/** A record does not become right by waiting. */
function mayPass({ kind }: ScamanderError): boolean {
  return kind !== 'data' && kind !== 'request' && kind !== 'cancelled'
}

function keyOf(connector: string, task: number): string {
  return `${connector}\u0000${task}`
}
