/**
 * Channels as they are used after a start: defaults of today, and nothing that waits for copies where a
 * machine may be lost with what waits.
 */
import { expect, it } from 'vitest'
import { checkEmit, NEW_LIMITS, storedChannels } from './new-channel.ts'
import type { Channel } from './state/records.ts'

const old = { id: 1, keyspace: 'k', table: 't' } as Channel
const waiting = { ...old, emit: 'quorum' } as Channel

it('gives a channel of an older release the limits of today', () => {
  expect(storedChannels([old], false)).toEqual([{ ...old, ...NEW_LIMITS }])
})

it('lets copies be waited for in a file alone', () => {
  expect(storedChannels([waiting], false)[0]?.emit).toBe('quorum')
  expect(storedChannels([waiting], true)[0]?.emit).toBe('first')
  expect(() => checkEmit({ emit: 'quorum' }, true)).toThrow(/expected first/)
  expect(() => checkEmit({ emit: 'quorum' }, false)).not.toThrow()
})
