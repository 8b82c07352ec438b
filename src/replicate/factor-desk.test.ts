/**
 * Second factors: from the first code to the last one for recovery.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FactorDesk } from './factor-desk.ts'
import { Store } from './store.ts'
import { totpCode } from './totp.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-factor-'))
const store = new Store(folder)
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const NOW_MS = 1_800_000_000_000
const STEP = NOW_MS / 30_000

/** What an app does with the secret. */
function appOf(secret: string) {
  const bits = [...secret].map(one => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map(one => Number.parseInt(one, 2)))
  return (step = STEP) => totpCode(bytes, step)
}

function begun(user: string) {
  const desk = new FactorDesk(store)
  const { secret, uri } = desk.begin(user, user)
  return { desk, secret, uri, app: appOf(secret), nowMs: Date.now() }
}
const stepAt = (ms: number) => Math.floor(ms / 30_000)

it('counts from the first right code on', () => {
  const { desk, uri, app, secret, nowMs } = begun('ann')
  expect(uri).toContain(`secret=${secret}&`)
  expect([desk.isOn('ann'), desk.take('ann', app(stepAt(nowMs)))]).toEqual([false, false])
  expect(() => desk.confirm('ann', '000')).toThrow('code: expected the six digits')
  const codes = desk.confirm('ann', app(stepAt(nowMs)), nowMs)
  expect(new Set(codes).size).toBe(10)
  expect(codes[0]).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/)
  expect(desk.state('ann')).toMatchObject({ on: true, recoveryLeft: 10 })
  expect(() => desk.begin('ann', 'ann')).toThrow('on already')
  const kept = JSON.stringify(store.all('factor'))
  for (const told of [secret, ...codes]) expect(kept).not.toContain(told)
})

it('takes each code once, also one for recovery, however it is written', () => {
  const { desk, app, nowMs } = begun('ben')
  const step = stepAt(nowMs)
  const [first = '', second = ''] = desk.confirm('ben', app(step), nowMs)
  expect(desk.take('ben', app(step), nowMs)).toBe(false)
  const next = app(step + 1)
  expect(desk.take('ben', `${next.slice(0, 3)} ${next.slice(3)}`, nowMs)).toBe(true)
  expect(desk.take('ben', next, nowMs)).toBe(false)
  expect(desk.take('ben', first.toUpperCase().replaceAll('-', ' '), nowMs)).toBe(true)
  expect(desk.take('ben', first, nowMs)).toBe(false)
  expect(desk.state('ben').recoveryLeft).toBe(9)
  expect([desk.drop('ben'), desk.take('ben', second, nowMs), desk.drop('ben')]).toEqual([
    ...[true, false, false],
  ])
})

it('keeps no beginning that was not confirmed in time', () => {
  const { desk, app, nowMs } = begun('cleo')
  const lateMs = nowMs + 16 * 60_000
  expect(() => desk.confirm('cleo', app(stepAt(lateMs)), lateMs)).toThrow('begin again')
})

it('seals the secret of each user for that user', () => {
  const { desk, app, nowMs } = begun('dora')
  store.put('factor', 'eve', store.get('factor', 'dora'))
  expect(() => desk.confirm('eve', app(stepAt(nowMs)), nowMs)).toThrow('does not open')
})
