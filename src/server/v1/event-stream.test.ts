/**
 * Streams of events: what is opened, and what is refused without leaving anything behind.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { Replicator } from '../../replicate/index.ts'
import { Logger } from '../../telemetry/index.ts'
import type { Call } from '../route.ts'
import { EventStreams } from './event-stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-events-'))
const replicator = new Replicator(folder, Logger.silent())

const CALL: Call = {
  ...{ params: {}, query: new URLSearchParams(), body: '', method: 'GET', url: '', headers: {} },
}

afterAll(async () => {
  await replicator.close()
  rmSync(folder, { recursive: true, force: true })
})

it('listens to nothing for a run that does not exist', () => {
  const listen = vi.spyOn(replicator, 'onEvent')
  expect(() => new EventStreams(replicator).subscribe(CALL, 'x')).toThrow('there is no run x')
  expect(listen).not.toHaveBeenCalled()
})

it('refuses more streams than a server keeps', async () => {
  const events = new EventStreams(replicator)
  const bodies = Array.from({ length: 500 }, () => events.subscribe(CALL).stream?.body)
  expect(events.subscribe(CALL).status).toBe(503)
  const last = bodies.at(-1)
  const closed = new Promise(resolve => last?.once('close', resolve))
  last?.destroy()
  await closed
  expect(events.subscribe(CALL).status).toBe(200)
  for (const one of bodies) one?.destroy()
  events.close()
})

it('ends a stream when nobody with rights is behind it any more', async () => {
  vi.useFakeTimers()
  let isCaller = true
  const body = new EventStreams(replicator, () => isCaller).subscribe(CALL).stream?.body
  await vi.advanceTimersByTimeAsync(16_000)
  expect(String(body?.read())).toContain(': alive')
  const ended = new Promise(resolve => body?.once('end', resolve))
  isCaller = false
  await vi.advanceTimersByTimeAsync(15_000)
  body?.resume()
  await ended
  vi.useRealTimers()
})
