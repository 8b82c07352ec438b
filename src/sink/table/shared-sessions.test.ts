/** One session per connector: opened by the first task, closed with the last. */
import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { WriteSession } from '../../cassandra/index.ts'
import { TABLE_SINK_ERRORS } from './errors.ts'
import { SharedSessions } from './shared-sessions.ts'

const never = new AbortController().signal

function opener() {
  const seen = { opened: 0, closed: 0 }
  const open = () => {
    seen.opened += 1
    const close = () => {
      seen.closed += 1
      return Promise.resolve()
    }
    return Promise.resolve({ close } as unknown as WriteSession)
  }
  return { seen, open }
}

describe('SharedSessions', () => {
  it('opens once per connector and closes with the last task', async () => {
    const sessions = new SharedSessions()
    const { seen, open } = opener()
    const [a, b] = await Promise.all([
      sessions.acquire('one', open, never),
      sessions.acquire('one', open, never),
    ])
    expect(a).toBe(b)
    expect(await sessions.acquire('two', open, never)).not.toBe(a)
    await sessions.release('one')
    expect(seen).toEqual({ opened: 2, closed: 0 })
    await sessions.release('one')
    expect(seen).toEqual({ opened: 2, closed: 1 })
    expect(await sessions.acquire('one', open, never)).not.toBe(a)
  })

  it('a failed opening is told to all who wait, and the next one opens again', async () => {
    const sessions = new SharedSessions()
    const fail = () => Promise.reject(new Error('down'))
    const waiting = [1, 2].map(() => sessions.acquire('one', fail, never))
    const results = await Promise.allSettled(waiting)
    expect(results.map(one => one.status)).toEqual(['rejected', 'rejected'])
    const { open, seen } = opener()
    await sessions.acquire('one', open, never)
    expect(seen.opened).toBe(1)
  })

  it('a task that stops while it opens does not take the others along', async () => {
    const sessions = new SharedSessions()
    const stopped = new AbortController()
    const { promise, reject } = Promise.withResolvers<WriteSession>()
    const first = sessions.acquire('one', () => promise, stopped.signal)
    const { open, seen } = opener()
    const second = sessions.acquire('one', open, never)
    stopped.abort()
    reject(new ScamanderError(TABLE_SINK_ERRORS.CLOSED, 'stopped'))
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' })
    await second
    expect(seen.opened).toBe(1)
    await sessions.release('one')
    expect(seen.closed).toBe(1)
  })
})
