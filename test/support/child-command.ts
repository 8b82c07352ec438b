/**
 * The command line as a process of its own, with what it wrote kept, so that a fault test can kill it
 * and a failure can be understood afterwards.
 * Used by fault tests of migration. Invariant: only the last part of the output is kept.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const TEXT_MAX = 20_000

export interface ChildCommand {
  readonly child: ChildProcess
  /** The exit code; null when it was killed. */
  readonly ended: Promise<number | null>
  /** Standard output and error so far. */
  log(): string
  /** The first match in a chunk of its output; throws when it ends without. */
  printed(wanted: RegExp): Promise<RegExpExecArray>
}

export function startCommand(args: readonly string[]): ChildCommand {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const watchers = new Set<() => void>()
  const keep = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-TEXT_MAX)
    for (const watch of watchers) watch()
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const printed = async (wanted: RegExp) => {
    const found = Promise.withResolvers<RegExpExecArray>()
    const watch = () => {
      const match = wanted.exec(text)
      if (match !== null) found.resolve(match)
    }
    watchers.add(watch)
    watch()
    const lost = ended.then(code => {
      throw new Error(`${args[0]} ended with ${code} and did not print ${wanted}\n${text}`)
    })
    try {
      return await Promise.race([found.promise, lost])
    } finally {
      watchers.delete(watch)
      lost.catch(() => undefined)
    }
  }
  return { child, ended, log: () => text, printed }
}
