import { expect, it } from 'vitest'
import type { DualRequest } from '../request/dual-request.ts'
import { AsyncWrites } from './async-writes.ts'
import type { ClientSession } from './client-session.ts'

/** A session whose target link is full until it is told otherwise, and refuses every statement. */
function sessionOf(link: { isReady: boolean; isFull: boolean; isCongested: boolean }) {
  const async = { writesMax: 100_000, bytesMax: 1e9, overflow: 'block', order: 'after-source' }
  const session = {
    context: { settings: { async, requestTimeoutMs: 1_000 }, waiting: { bytes: 0, writes: 0 } },
    links: { links: [undefined, link] },
    isGone: false,
    resumeClient: () => undefined,
    repreparer: {
      isNeeded: () => true,
      // As completion does it: what is settled is told to the queue.
      prepareThenSend: (request: DualRequest) => writes.settled(request),
    },
  }
  const writes: AsyncWrites = new AsyncWrites(session as unknown as ClientSession)
  return writes
}

it('a long queue of writes that settle at once does not exhaust the stack', () => {
  const link = { isReady: true, isFull: true, isCongested: false }
  const writes = sessionOf(link)
  const request = () => ({ start: 0, end: 10, status: [2, 0], startedMs: 0 }) as never
  for (let i = 0; i < 50_000; i++) {
    const one = request()
    writes.hold(one)
    writes.release(one)
  }
  let used = 0
  expect(writes.afterAll(() => used++)).toBe(true)
  expect([used, writes.isBlocking]).toEqual([0, true])
  link.isFull = false
  writes.pump()
  expect([used, writes.isBlocking]).toEqual([1, false])
  expect(writes.oldestSeconds(performance.now())).toBe(0)
})
