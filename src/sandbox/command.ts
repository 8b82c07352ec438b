/**
 * The commands `sandbox up`, `down` and `status` on parsed options; the cli room parses and calls.
 * They print to the given streams and return the exit code; errors are thrown for the caller to print.
 * `up` holds the servers until a signal; `--detach` starts the same in the background and returns when
 * it is ready. `down` ends either by a signal to the holder.
 */
import { resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import {
  isHeld,
  readDescription,
  removeDescription,
  type SandboxDescription,
  serverPids,
} from './description.ts'
import { startDetached } from './detached.ts'
import { sandboxErrors } from './errors.ts'
import { isAlive } from './lock-file.ts'
import type { SandboxOptions } from './options.ts'
import { startSandbox } from './sandbox.ts'
import { renderStatus } from './status-text.ts'

export const DEFAULT_DIR = '.sandbox'

export interface SandboxUpArgs
  extends Omit<SandboxOptions, 'keep' | 'holder' | 'progress' | 'signal'> {
  /** Return when ready and leave the servers running. */
  readonly detach?: boolean
  /** Print the description as JSON. */
  readonly json?: boolean
}

export interface SandboxStreams {
  /** Results, a line at a time. */
  readonly out: (line: string) => void
  /** Progress, a line at a time. */
  readonly progress: (line: string) => void
}

const standardStreams: SandboxStreams = {
  out: line => process.stdout.write(`${line}\n`),
  progress: line => process.stderr.write(`${line}\n`),
}

const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const DOWN_TIMEOUT_MS = 60_000

/** Starts a sandbox; without `detach` it resolves after a signal has stopped it. */
export async function sandboxUp(
  args: SandboxUpArgs,
  streams: SandboxStreams = standardStreams,
): Promise<number> {
  const { detach = false, json = false, ...rest } = args
  const dir = resolve(args.dir ?? DEFAULT_DIR)
  if (detach) {
    const description = await startDetached({ ...rest, dir }, streams.progress)
    printDescription(description, json, streams)
    return 0
  }
  const controller = new AbortController()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const onSignal = () => {
    controller.abort()
    end()
  }
  for (const signal of END_SIGNALS) process.on(signal, onSignal)
  try {
    const { progress } = streams
    const signal = controller.signal
    const own = { dir, keep: true, holder: 'command', progress, signal } as const
    const sandbox = await startSandbox({ ...rest, ...own })
    printDescription(sandbox.description, json, streams)
    if (!json) streams.out('Running until Ctrl-C or `scamander sandbox down`.')
    await ended
    progress('Stopping the servers')
    await sandbox.stop()
    progress('Stopped')
    return 0
  } catch (error) {
    if (isScamanderError(error, 'cancelled')) return 130
    throw error
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, onSignal)
  }
}

/** Stops the sandbox of a folder; its data stays for the next `up`. */
export async function sandboxDown(
  args: { readonly dir?: string },
  streams: SandboxStreams = standardStreams,
): Promise<number> {
  const dir = resolve(args.dir ?? DEFAULT_DIR)
  const description = await readDescription(dir)
  if (description === undefined || !isHeld(description)) {
    await removeDescription(dir)
    streams.out(`No sandbox runs in ${dir}.`)
    return 0
  }
  const { pid, kind } = description.holder
  if (kind === 'library') {
    const message = `the sandbox in ${dir} belongs to process ${pid}, which is not a sandbox command; end that process instead`
    throw new ScamanderError(sandboxErrors.NOT_RUNNING, message)
  }
  process.kill(pid, 'SIGTERM')
  const pids = [pid, ...serverPids(description)]
  const deadlineMs = performance.now() + DOWN_TIMEOUT_MS
  while (pids.some(isAlive)) {
    if (performance.now() > deadlineMs) {
      const left = pids.filter(isAlive).join(', ')
      const message = `still running after ${DOWN_TIMEOUT_MS / 1000} s: processes ${left}`
      throw new ScamanderError(sandboxErrors.SERVER_TIMEOUT, message)
    }
    await systemClock.sleep(50)
  }
  streams.out(`Stopped the sandbox in ${dir}. Its data is kept.`)
  return 0
}

/** Tells what runs; 0 when all of it does, 1 when nothing or only a part. */
export async function sandboxStatus(
  args: { readonly dir?: string; readonly json?: boolean },
  streams: SandboxStreams = standardStreams,
): Promise<number> {
  const dir = resolve(args.dir ?? DEFAULT_DIR)
  const description = await readDescription(dir)
  const running = description !== undefined && isHeld(description)
  const expected = (description?.cassandra?.nodes.length ?? 0) + (description?.kafka ? 1 : 0)
  const alive = running ? serverPids(description).filter(isAlive) : []
  const complete = running && alive.length === expected
  if (args.json === true) {
    const shown = running ? { ...description, running, complete } : { dir, running, complete }
    streams.out(JSON.stringify(shown, undefined, 2))
  } else if (running) {
    for (const line of renderStatus(description, pid => alive.includes(pid))) streams.out(line)
  } else {
    streams.out(`No sandbox runs in ${dir}.`)
  }
  return complete ? 0 : 1
}

function printDescription(
  description: SandboxDescription,
  json: boolean,
  streams: SandboxStreams,
): void {
  const lines = json
    ? [JSON.stringify(description, undefined, 2)]
    : renderStatus(description, isAlive)
  for (const line of lines) streams.out(line)
}
