/**
 * Alerts with a real store: alike ones are one, muting tells nobody, what is not taken is tried again,
 * secrets stay inside.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunInfo } from '../api-v1.ts'
import type { ChannelDraft } from '../api-v1-alerts.ts'
import { Logger } from '../telemetry/index.ts'
import { AlertDesk } from './alert-desk.ts'
import { Store } from './store.ts'

/** No request leaves the process for this port: it is closed to clients of HTTP. */
const REFUSED = 'http://127.0.0.1:9/hook'
const ROWS = { read: 0, inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 }
let folder: string
let store: Store
let desk: AlertDesk

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-alerts-'))
  store = new Store(folder)
  desk = new AlertDesk({ store, logger: Logger.silent(), emit: () => undefined })
})
afterEach(async () => {
  await desk.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

function channel(part: Partial<ChannelDraft> = {}) {
  const properties = { url: REFUSED, secret: 'signs-all', header: 'Authorization: Bearer t0p' }
  return desk.putChannel({ name: 'ops', kind: 'webhook', properties, ...part })
}

function failed(id: string): RunInfo {
  const startedAt = new Date().toISOString()
  return {
    ...{ id, jobId: 'j', jobName: 'Nightly', state: 'FAILED', mode: 'incremental', rows: ROWS },
    ...{ trigger: 'user', startedAt, finishedAt: startedAt, elapsedMs: 1, text: '', error: 'no' },
    ...{ requests: { sent: 0, retried: 0, waitedMs: 0 }, tasks: [], schemaChanges: [] },
  }
}

describe('alerts', () => {
  it('are one within an hour, are told once, and wait for the next attempt', async () => {
    const { id } = channel()
    desk.setSettings({ channels: [id] })
    desk.judge(failed('1'))
    desk.judge(failed('2'))
    expect(desk.alerts('j')).toMatchObject([{ rule: 'failed', count: 2, runId: '2' }])
    await vi.waitFor(() => expect(desk.deliveries()).toMatchObject([{ attempts: 1 }]))
    const [delivery, ...others] = desk.deliveries()
    expect([delivery?.state, others.length]).toEqual(['waiting', 0])
    expect(Date.parse(delivery?.nextAt ?? '')).toBeGreaterThan(Date.now())
    expect(desk.acknowledge(desk.alerts()[0]!.id, 'ann').acknowledgedBy).toBe('ann')
  })

  it('of a muted job are kept and tell nobody', () => {
    desk.setSettings({ channels: [channel().id] })
    const mutedUntil = new Date(Date.now() + 60_000).toISOString()
    expect(desk.setSettings({ mutedUntil }, 'j').own).toBe(false)
    desk.judge(failed('1'))
    expect([desk.alerts('j').length, desk.deliveries().length]).toEqual([1, 0])
  })

  it('have rules of their own for a job, and go back to those of all', () => {
    desk.setSettings({ rules: [{ key: 'failed', on: false }] }, 'j')
    desk.judge(failed('1'))
    expect(desk.alerts()).toEqual([])
    expect(desk.setSettings({ own: false }, 'j').rules.find(one => one.key === 'failed')?.on).toBe(
      true,
    )
  })

  it('have rules that go on without a channel that was deleted', () => {
    const [gone, kept] = [channel().id, channel({ name: 'kept' }).id]
    desk.setSettings({ channels: [gone] })
    desk.setSettings({ channels: [gone, kept] }, 'j')
    desk.deleteChannel(gone)
    expect([desk.settings().channels, desk.settings('j').channels]).toEqual([[], [kept]])
    expect(JSON.stringify(store.all('alert-settings'))).not.toContain(gone)
    const mutedUntil = new Date(Date.now() + 60_000).toISOString()
    expect(desk.setSettings({ mutedUntil }, 'j').channels).toEqual([kept])
    expect(() => desk.setSettings({ channels: [gone] }, 'j')).toThrow('there is no channel')
    // As it was left by a release that did not clean up.
    const record = { rules: [], channels: [gone], mutedUntil: null, own: true }
    store.put('alert-settings', 'old', record)
    expect(desk.setSettings({ mutedUntil }, 'old').channels).toEqual([])
  })

  it('are acknowledged however many came later', () => {
    const first = store.addEvent('alert', { rule: 'failed', acknowledgedBy: null }).id
    for (let n = 0; n < 250; n++) store.addEvent('alert', { rule: 'failed' })
    expect(desk.acknowledge(first, 'ann')).toMatchObject({ id: first, acknowledgedBy: 'ann' })
    const notice = store.addEvent('notice', {}).id
    expect(() => desk.acknowledge(notice, 'ann')).toThrow('there is no alert')
  })

  it('never show a secret of a channel, and keep one that is left out', () => {
    const made = channel()
    const changed = desk.putChannel(
      { name: 'ops 2', kind: 'webhook', properties: { url: REFUSED } },
      made.id,
    )
    expect(changed.secrets).toEqual({
      secret: { set: true, hint: '…ll' },
      header: { set: true, hint: '…0p' },
    })
    expect(JSON.stringify([made, changed, store.all('alert-channel')])).not.toMatch(/signs|Bearer/)
  })

  it('use the secrets of a channel for no other address', () => {
    const { id } = channel()
    const moved = (properties: ChannelDraft['properties']) => () =>
      desk.putChannel({ name: 'ops', kind: 'webhook', properties }, id)
    const url = 'https://other.example.com'
    expect(moved({ url })).toThrow('the address changed: enter Secret again')
    expect(moved({ url, secret: 'new' })).toThrow('the address changed: enter Header again')
    expect(moved({ url, secret: 'new', header: ' ' })().secrets).toEqual({
      secret: { set: true, hint: '…ew' },
      header: { set: false },
    })
    const properties = { host: 'h', user: 'u', password: 'pw', from: 'a@b', to: 'c@d' }
    const mail = desk.putChannel({ name: 'mail', kind: 'mail', properties })
    for (const part of [{ host: 'other' }, { port: 25 }, { security: 'none' }])
      expect(() =>
        desk.putChannel({ name: 'mail', kind: 'mail', properties: part }, mail.id),
      ).toThrow('enter Password again')
  })

  it.each([
    [{ name: '' }, 'name'],
    [{ properties: { url: 'ops.example' } }, 'https://ops.example.com/hook'],
    [{ properties: { url: REFUSED, header: 'no header' } }, 'Name: value'],
    [{ kind: 'mail', properties: { host: 'h', from: 'a', to: 'b@c' } }, 'ops@example.com'],
    [{ kind: 'mail', properties: { host: 'h', port: '0', from: 'a@b', to: 'b@c' } }, '65535'],
  ] as const)('refuse a channel that cannot be: %o', (part, message) => {
    expect(() => channel(part as Partial<ChannelDraft>)).toThrow(message)
    expect(desk.channels()).toEqual([])
  })
})
