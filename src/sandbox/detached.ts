/**
 * `sandbox up --detach`: the same `up`, held by a process of its own in the background.
 * Called by the command only. The background process reports over its IPC channel, then is let go.
 * Invariant: when this rejects, the background process has ended, and with it its servers.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScamanderError } from '../base/scamander-error.ts'
import { readDescription, type SandboxDescription } from './description.ts'
import { sandboxErrors } from './errors.ts'
import type { Progress } from './jar-cache.ts'
import type { SandboxOptions } from './options.ts'

/** What the background process tells; see holder.ts. */
export type HolderMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

export type HolderOptions = Omit<SandboxOptions, 'progress' | 'signal'> & { readonly dir: string }

/** Starts the holder; resolves with the description when all servers answer. */
export async function startDetached(
  options: HolderOptions,
  progress: Progress,
): Promise<SandboxDescription> {
  const { dir } = options
  await mkdir(dir, { recursive: true })
  const log = openSync(join(dir, 'holder.log'), 'a', 0o600)
  const entry = fileURLToPath(new URL(`./holder${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [entry], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  child.send(options)
  const cancel = () => child.kill('SIGTERM')
  process.on('SIGINT', cancel).on('SIGTERM', cancel).on('SIGHUP', cancel)
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('message', message => {
        const told = message as HolderMessage
        if (told.kind === 'progress') progress(told.line)
        else if (told.kind === 'ready') resolve()
        else reject(toError(told))
      })
      child.once('error', reject)
      child.once('exit', (code, by) => reject(endedError(dir, by ?? `exit code ${code}`)))
    })
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel).off('SIGHUP', cancel)
  }
  child.removeAllListeners()
  child.disconnect()
  child.unref()
  const description = await readDescription(dir)
  if (description === undefined) throw endedError(dir, 'no sandbox.json')
  return description
}

function toError(told: { code: string; message: string }): ScamanderError {
  const declared = Object.values(sandboxErrors).find(one => one.code === told.code)
  return new ScamanderError(declared ?? sandboxErrors.SERVER_EXIT, told.message)
}

function endedError(dir: string, how: string): ScamanderError {
  const message = `the background process ended (${how}); see ${join(dir, 'holder.log')}`
  return new ScamanderError(sandboxErrors.SERVER_EXIT, message)
}
