/**
 * Logins of managed users in headers: guessing, many at once, and users who are changed meanwhile.
 */
import { expect, it } from 'vitest'
import type { Role } from '../api-v1.ts'
import { Callers, type People } from './callers.ts'

const RIGHT = 'right'

/** One managed user, vera; a check ends when it is told to. */
function serve() {
  const user = { role: 'viewer' as Role, isLocked: false, password: RIGHT }
  const asked: (() => void)[] = []
  const people: People = {
    isEmpty: false,
    knows: name => name === 'vera',
    find: name => (name === 'vera' && !user.isLocked ? { role: user.role } : undefined),
    verify: async (name, password) => {
      const isRight = name === 'vera' && password === user.password
      await new Promise<void>(resolve => asked.push(resolve))
      return isRight
    },
    allowedAddresses: [],
    hasFactor: () => false,
    takeCode: () => false,
    seen: () => undefined,
  }
  const answer = () => {
    for (const one of asked.splice(0)) one()
  }
  const token = { name: 'nightly', owner: 'vera', role: 'viewer' as const }
  const callers = new Callers('', text => (text === 'sc_1' ? token : undefined), people)
  return { callers, user, asked, answer }
}
const basic = (password: string, name = 'vera') => `Basic ${btoa(`${name}:${password}`)}`

it('checks a login once for calls that come together, and remembers it', async () => {
  const { callers, asked, answer } = serve()
  const calls = Array.from({ length: 10 }, () => callers.verify(basic(RIGHT)))
  expect(asked).toHaveLength(1)
  answer()
  expect(await Promise.all(calls)).toEqual(Array(10).fill(true))
  expect(await callers.verify(basic(RIGHT))).toBe(true)
})

it('makes guesses in headers wait as well, also those at the same time', async () => {
  const { callers, asked, answer } = serve()
  const guesses = Array.from({ length: 20 }, (_, at) => callers.verify(basic(`guess ${at}`)))
  expect(asked).toHaveLength(5)
  answer()
  expect(new Set(await Promise.all(guesses))).toEqual(new Set([false]))
  expect(callers.guard.waitMs('vera')).toBeGreaterThan(0)
  expect(await callers.verify(basic(RIGHT))).toBe(false)
})

it('takes as long for a name that nobody has', async () => {
  const { callers, asked, answer } = serve()
  const call = callers.verify(basic('x', 'nobody'))
  expect(asked).toHaveLength(1)
  answer()
  expect(await call).toBe(false)
})

it('does not remember a password that was changed while it was checked', async () => {
  const { callers, user, asked, answer } = serve()
  const call = callers.verify(basic(RIGHT))
  user.password = 'another'
  callers.forget('vera')
  answer()
  await call
  const again = callers.verify(basic(RIGHT))
  expect(asked).toHaveLength(1)
  answer()
  expect(await again).toBe(false)
})

it('knows nobody behind a call that goes on when its session has ended', () => {
  const { callers } = serve()
  callers.configured = ['ann']
  const authorization = basic('a', 'ann')
  const session = callers.sessions.begin('ann', authorization)
  const headers = { authorization, 'x-scamander-session': session.id }
  expect(callers.callerStill(headers)?.name).toBe('ann')
  callers.sessions.end(session)
  expect([callers.callerStill(headers), callers.callerStill({ authorization })?.name]).toEqual([
    ...[undefined, 'ann'],
  ])
})

it('gives a user who was locked meanwhile no role, nor the tokens of that user', () => {
  const { callers, user } = serve()
  expect(callers.callerOf('Bearer sc_1')?.role).toBe('viewer')
  user.isLocked = true
  expect(callers.callerOf(basic(RIGHT))).toBeUndefined()
  expect(callers.callerOf('Bearer sc_1')).toBeUndefined()
})
