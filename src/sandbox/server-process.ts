/**
 * One server as a child process that cannot outlive this process, with start, stop, kill, pause.
 * Used by the Cassandra nodes and the Kafka broker; the same command is started again after a stop.
 * How: the child leads its own session and process group. Beside it, in the group, a shell waits on
 * a pipe of ours; when the pipe closes, by our end or by `kill -9`, it kills the whole group. The
 * group's id cannot be reused while that shell lives, so nobody else's process is ever hit.
 * Invariant: the server writes to files only, never to our streams.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { isScamanderError, messageOf, ScamanderError } from '../base/scamander-error.ts'
import { sandboxErrors } from './errors.ts'
import { readLogTail } from './log-tail.ts'

export interface ServerCommand {
  /** Name in messages: "Cassandra 5.0.6 node 2". */
  readonly title: string
  readonly file: string
  readonly args: readonly string[]
  /** Working folder; temporary files go to its `tmp`, streams to its `logs/console.log`. */
  readonly folder: string
  /** Log files whose ends are shown when the start fails. */
  readonly logs: readonly string[]
  readonly readyTimeoutMs: number
  /** Throws while the server does not answer yet. */
  readonly probe: () => Promise<void>
}

/** `$@` becomes the process itself, so its pid and exit code are the child's. */
const GUARD = '(read -r _ <&3; kill -KILL 0) & exec 3<&-; exec "$@"'

const PROBE_INTERVAL_MS = 60
const STOP_GRACE_MS = 10_000

export class ServerProcess {
  readonly command: ServerCommand
  #child: ChildProcess | undefined
  #exited: Promise<void> = Promise.resolve()
  #ending: string | undefined

  constructor(command: ServerCommand) {
    this.command = command
  }

  /** The pid while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** Starts the server and resolves when it answers; on failure nothing of it is left. */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#child !== undefined) return
    await this.#spawn()
    try {
      await this.#waitReady(signal)
    } catch (error) {
      await this.kill()
      throw error
    }
  }

  /** SIGTERM, and SIGKILL after ten seconds; resolves when it is gone. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    this.resume()
    child.kill('SIGTERM')
    const timer = setTimeout(() => this.#signalGroup('SIGKILL'), STOP_GRACE_MS)
    await this.#exited
    clearTimeout(timer)
  }

  /** SIGKILL, as a power cut of this server; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#signalGroup('SIGKILL')
    await this.#exited
  }

  /** Freezes the server: it keeps its connections and answers nothing. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** The ends of its log files. */
  async logTail(): Promise<string> {
    return await readLogTail([join(this.command.folder, 'logs/console.log'), ...this.command.logs])
  }

  async #spawn(): Promise<void> {
    const { file, args, folder } = this.command
    await mkdir(join(folder, 'logs'), { recursive: true })
    await mkdir(join(folder, 'tmp'), { recursive: true })
    const output = openSync(join(folder, 'logs/console.log'), 'a')
    const child = spawn('/bin/sh', ['-c', GUARD, 'guard', file, ...args], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', output, output, 'pipe'],
    })
    closeSync(output)
    const pipe = child.stdio[3]
    pipe?.on('error', () => pipe.destroy())
    this.#ending = undefined
    this.#child = child
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#exited = promise
    const ended = (how: string) => {
      pipe?.destroy()
      this.#ending = how
      if (this.#child === child) this.#child = undefined
      resolve()
    }
    child.once('error', error => ended(messageOf(error)))
    child.once('exit', (code, by) => ended(by === null ? `exit code ${code}` : `signal ${by}`))
  }

  async #waitReady(signal: AbortSignal | undefined): Promise<void> {
    const { title, probe, readyTimeoutMs } = this.command
    const tail = () => this.logTail()
    const attempt = async () => {
      if (this.#ending === undefined) return await probe()
      const message = `${title} ended while starting (${this.#ending}); end of its log:`
      throw new ScamanderError(sandboxErrors.SERVER_EXIT, `${message}\n${await tail()}`)
    }
    const limits = { title, timeoutMs: readyTimeoutMs, tail, ...(signal && { signal }) }
    await waitUntil(attempt, limits)
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Repeats `attempt` until it does not throw; an error of kind `fatal` ends the wait at once. */
export async function waitUntil(
  attempt: () => Promise<void>,
  limits: { title: string; timeoutMs: number; tail: () => Promise<string>; signal?: AbortSignal },
): Promise<void> {
  const { title, timeoutMs, tail, signal } = limits
  const deadlineMs = performance.now() + timeoutMs
  let last = 'no attempt was made'
  while (performance.now() < deadlineMs) {
    if (signal?.aborted) {
      throw new ScamanderError(sandboxErrors.CANCELLED, `${title}: start interrupted`)
    }
    try {
      return await attempt()
    } catch (error) {
      if (isScamanderError(error, 'fatal')) throw error
      last = messageOf(error)
    }
    await systemClock.sleep(PROBE_INTERVAL_MS, signal)
  }
  const seconds = Math.round(timeoutMs / 1000)
  const message = `${title}: no answer within ${seconds} s (last: ${last}); end of its log:`
  throw new ScamanderError(sandboxErrors.SERVER_TIMEOUT, `${message}\n${await tail()}`)
}
