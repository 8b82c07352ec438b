/**
 * Stalls the main event loop of a worker process, from outside and for real: the inspector of Node
 * evaluates a loop in it that does nothing but wait, until it is released. Its other threads go on.
 * Used by fault tests, with a worker started with `NODE_OPTIONS=--inspect=127.0.0.1:0`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ClusterWorker } from './cluster-workers.ts'

const ADDRESS = /ws:\/\/127\.0\.0\.1:\d+\/[0-9a-f-]+/g
/** A loop that nobody released ends by itself. */
const STALL_MS_MAX = 240_000

export interface Stall {
  /** Resolves when the loop runs again. */
  release(): Promise<void>
}

/** Resolves when the loop is about to stand still. */
export async function stallEventLoop(worker: ClusterWorker): Promise<Stall> {
  // The last that was told: Node preloads are processes of their own.
  const address = worker.logs().match(ADDRESS)?.at(-1)
  if (address === undefined) throw new Error('the worker was not started with an inspector')
  const folder = mkdtempSync(join(tmpdir(), 'scamander-stall-'))
  const file = join(folder, 'stalled')
  writeFileSync(file, '')
  const socket = new WebSocket(address)
  const opened = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => undefined)
  const fail = (why: string) => {
    opened.reject(new Error(why))
    ended.reject(new Error(why))
  }
  socket.addEventListener('error', () => fail(`no inspector at ${address}`))
  socket.addEventListener('close', () => fail('the worker ended'))
  socket.addEventListener('message', () => ended.resolve())
  socket.addEventListener('open', () => opened.resolve())
  await opened.promise
  const lines = [
    "const { existsSync } = process.getBuiltinModule('node:fs')",
    'const cell = new Int32Array(new SharedArrayBuffer(4))',
    `const until = Date.now() + ${STALL_MS_MAX}`,
    `while (existsSync(${JSON.stringify(file)}) && Date.now() < until) Atomics.wait(cell, 0, 0, 20)`,
  ]
  const params = { expression: `{ ${lines.join('; ')} }` }
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
  return {
    release: async () => {
      rmSync(folder, { recursive: true, force: true })
      await ended.promise
      socket.close()
    },
  }
}
