/**
 * Alerts of jobs: judges each run that ended by the rules of its job, keeps what fired, and tells the
 * channels. Part of the replicator; the page and the API use it.
 * Invariants: a run is judged once; alike alerts of one job within an hour are one, told once; a message
 * that is not taken is tried again over an hour and then told as failed; queues are bounded.
 * Spec: backlog-replication 2.14.
 */
import { randomUUID } from 'node:crypto'
import type { RunInfo, ServerEvent } from '../api-v1.ts'
import type {
  AlertInfo,
  AlertRule,
  AlertRuleInfo,
  AlertSettings,
  AlertSettingsPatch,
  ChannelDraft,
  ChannelInfo,
  DeliveryInfo,
} from '../api-v1-alerts.ts'
import { messageOf } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import {
  type ChannelRecord,
  type Message,
  tell,
  toChannel,
  toChannelInfo,
} from './alert-channels.ts'
import { countFired, firedBy, mergeRules, RULES_DEFAULT, toRuleInfo } from './alert-rules.ts'
import { conflict, unknown } from './errors.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

export interface AlertHost {
  readonly store: Store
  readonly logger: Logger
  readonly emit: (event: ServerEvent) => void
}

interface SettingsRecord {
  readonly rules: readonly AlertRule[]
  readonly channels: readonly string[]
  readonly mutedUntil: string | null
  readonly own: boolean
}

interface DeliveryRecord extends Omit<DeliveryInfo, 'id' | 'time'> {
  readonly channel: string
  readonly message: Message
}

const TICK_MS = 5_000
const HOUR_MS = 3_600_000
const SHOWN = 200
const EARLIER_RUNS = 200
const CHANNELS_MAX = 100
const KEPT_MS = 90 * 24 * HOUR_MS
/** Waits before attempts two to six: an hour in all. */
const RETRY_MS = [10_000, 60_000, 300_000, 900_000, 2_330_000]
const DEFAULT = 'default'
const NO_SETTINGS: SettingsRecord = {
  ...{ rules: RULES_DEFAULT, channels: [], mutedUntil: null, own: false },
}

export class AlertDesk {
  readonly #host: AlertHost
  readonly #underWay = new Map<number, Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(host: AlertHost) {
    this.#host = host
  }

  start(): void {
    this.#timer = setInterval(() => this.#deliverDue(), TICK_MS)
    this.#timer.unref()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.allSettled(this.#underWay.values())
  }

  // Rules

  settings(jobId: string = DEFAULT): AlertSettings {
    const { rules, ...rest } = this.#settingsOf(jobId)
    const all = mergeRules(rules, []) ?? []
    if (jobId === DEFAULT) return { ...rest, own: true, rules: all.map(toRuleInfo) }
    const runs = this.#host.store.runs<RunInfo>({ jobId, limit: EARLIER_RUNS })
    const since = Date.now() - 30 * 24 * HOUR_MS
    const shown = (rule: AlertRule): AlertRuleInfo => ({
      ...toRuleInfo(rule),
      fired: countFired(rule, runs, since),
    })
    return { ...rest, rules: all.map(shown) }
  }

  setSettings(patch: AlertSettingsPatch, jobId: string = DEFAULT): AlertSettings {
    const old = this.#settingsOf(jobId)
    const rules = mergeRules(old.rules, patch.rules ?? [])
    if (rules === undefined)
      throw fieldError('rules', 'rules: expected known keys, and limits of 1 or more')
    const channels = patch.channels ?? old.channels
    for (const id of channels) this.#channel(id)
    const mutedUntil = patch.mutedUntil === undefined ? old.mutedUntil : patch.mutedUntil
    if (mutedUntil !== null && Number.isNaN(Date.parse(mutedUntil)))
      throw fieldError('mutedUntil', 'mutedUntil: expected a time such as 2026-11-21T00:00:00Z')
    const touches = patch.rules !== undefined || patch.channels !== undefined
    const own = patch.own ?? (touches || old.own)
    this.#host.store.put('alert-settings', jobId, { rules, channels, mutedUntil, own })
    this.#changed()
    return this.settings(jobId)
  }

  // Channels

  channels(): ChannelInfo[] {
    return this.#host.store
      .all<ChannelRecord>('alert-channel')
      .map(toChannelInfo)
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  putChannel(draft: ChannelDraft, id?: string): ChannelInfo {
    const { store } = this.#host
    const known = id === undefined ? undefined : this.#channel(id)
    const others = store.all<ChannelRecord>('alert-channel').filter(one => one.id !== id)
    if (others.some(one => one.name === draft.name))
      throw fieldError('name', `name: there is a channel ${draft.name} already`)
    if (others.length >= CHANNELS_MAX) throw conflict(`there are ${CHANNELS_MAX} channels already`)
    const kind = known?.kind ?? draft.kind
    const of = { id: id ?? randomUUID(), box: store.secrets, known }
    const record = toChannel({ ...draft, name: draft.name ?? known?.name, kind }, of)
    store.put('alert-channel', record.id, record)
    this.#changed()
    return toChannelInfo(record)
  }

  deleteChannel(id: string): string {
    const { name } = this.#channel(id)
    this.#host.store.delete('alert-channel', id)
    this.#changed()
    return name
  }

  /** Tells it something now; throws when it is not taken. */
  async testChannel(id: string): Promise<string> {
    const text = 'Scamander: this is a test of the channel.'
    return await this.tellChannel(id, { event: 'test', text, facts: {} })
  }

  async tellChannel(id: string, message: Message): Promise<string> {
    return await tell(this.#channel(id), this.#host.store.secrets, message)
  }

  // Alerts

  alerts(jobId?: string): AlertInfo[] {
    return this.#host.store
      .events('alert', { limit: SHOWN, ...(jobId === undefined ? {} : { run: jobId }) })
      .map(({ id, timeMs, json }) => ({
        ...(JSON.parse(json) as Omit<AlertInfo, 'id' | 'time'>),
        ...{ id, time: new Date(timeMs).toISOString() },
      }))
  }

  acknowledge(id: number, user: string): AlertInfo {
    const found = this.alerts().find(one => one.id === id)
    if (found === undefined) throw unknown(`there is no alert ${id}`)
    const done = { ...found, acknowledgedBy: user }
    this.#host.store.putEvent(id, done)
    this.#changed()
    return done
  }

  deliveries(): DeliveryInfo[] {
    return this.#deliveries().map(({ message: _said, channel: _id, ...shown }) => shown)
  }

  resend(id: number): void {
    const found = this.#deliveries().find(one => one.id === id)
    if (found === undefined) throw unknown(`there is no delivery ${id}`)
    this.#host.store.putEvent(id, { ...found, state: 'waiting', attempts: 0, nextAt: now() })
    this.#deliverDue()
  }

  /** Called once for each run that ended. */
  judge(run: RunInfo): void {
    const { store } = this.#host
    const settings = this.#settingsOf(run.jobId)
    const beforeMs = Date.parse(run.startedAt)
    const earlier = store.runs<RunInfo>({ jobId: run.jobId, beforeMs, limit: EARLIER_RUNS })
    for (const rule of settings.rules.filter(one => one.on)) {
      const why = firedBy(rule, run, earlier)
      if (why !== undefined) this.#raise(run, rule, { why, settings })
    }
    store.pruneEvents(['alert', 'delivery'], Date.now() - KEPT_MS)
  }

  #raise(run: RunInfo, rule: AlertRule, of: { why: string; settings: SettingsRecord }): void {
    const { store } = this.#host
    const text = `${run.jobName} ${of.why}`
    const alike = this.alerts(run.jobId).find(
      one => one.rule === rule.key && Date.now() - Date.parse(one.time) < HOUR_MS,
    )
    if (alike !== undefined) {
      store.putEvent(alike.id, { ...alike, runId: run.id, text, count: alike.count + 1 })
      this.#changed()
      return
    }
    const alert = { rule: rule.key, jobId: run.jobId, jobName: run.jobName, runId: run.id, text }
    store.addEvent('alert', { ...alert, count: 1, acknowledgedBy: null }, run.jobId)
    this.#changed()
    const { mutedUntil, channels } = of.settings
    if (mutedUntil !== null && Date.parse(mutedUntil) > Date.now()) return
    const facts = { rule: rule.key, job: run.jobName, run }
    for (const id of channels) this.#queue(id, { event: `alert.${rule.key}`, text, facts })
  }

  #queue(channel: string, message: Message): void {
    const found = this.#host.store.get<ChannelRecord>('alert-channel', channel)
    if (found === undefined) return
    const delivery: DeliveryRecord = {
      ...{ channel, channelName: found.name, text: message.text, message },
      ...{ state: 'waiting', attempts: 0, result: '', nextAt: now() },
    }
    this.#host.store.addEvent('delivery', delivery)
    this.#deliverDue()
  }

  #deliverDue(): void {
    for (const one of this.#deliveries()) {
      const isDue = one.state === 'waiting' && Date.parse(one.nextAt ?? '') <= Date.now()
      if (!isDue || this.#underWay.has(one.id)) continue
      const work = this.#deliver(one).finally(() => this.#underWay.delete(one.id))
      this.#underWay.set(one.id, work)
    }
  }

  async #deliver(one: DeliveryRecord & { readonly id: number }): Promise<void> {
    const attempts = one.attempts + 1
    try {
      const result = await this.tellChannel(one.channel, one.message)
      this.#kept(one, { state: 'sent', attempts, result, nextAt: null })
    } catch (error) {
      const wait = RETRY_MS[one.attempts]
      const nextAt = wait === undefined ? null : new Date(Date.now() + wait).toISOString()
      const state = nextAt === null ? 'failed' : 'waiting'
      this.#kept(one, { state, attempts, result: messageOf(error), nextAt })
      if (nextAt === null)
        this.#host.logger.warn(`an alert could not be delivered: ${messageOf(error)}`)
    }
  }

  #kept(one: DeliveryRecord & { readonly id: number }, part: Partial<DeliveryRecord>): void {
    this.#host.store.putEvent(one.id, { ...one, ...part })
    this.#changed()
  }

  #deliveries(): (DeliveryRecord & { readonly id: number; readonly time: string })[] {
    return this.#host.store.events('delivery', { limit: SHOWN }).map(({ id, timeMs, json }) => ({
      ...(JSON.parse(json) as DeliveryRecord),
      ...{ id, time: new Date(timeMs).toISOString() },
    }))
  }

  /** Those of all jobs, for a job that has none of its own; muting is its own anyway. */
  #settingsOf(jobId: string): SettingsRecord {
    const { store } = this.#host
    const all = store.get<SettingsRecord>('alert-settings', DEFAULT) ?? NO_SETTINGS
    if (jobId === DEFAULT) return all
    const record = store.get<SettingsRecord>('alert-settings', jobId)
    if (record?.own === true) return record
    return { ...all, own: false, mutedUntil: record?.mutedUntil ?? all.mutedUntil }
  }

  #channel(id: string): ChannelRecord {
    const found = this.#host.store.get<ChannelRecord>('alert-channel', id)
    if (found === undefined) throw unknown(`there is no channel ${id}`)
    return found
  }

  #changed(): void {
    this.#host.emit({ event: 'change', data: { kind: 'alert', id: '' } })
  }
}

function now(): string {
  return new Date().toISOString()
}
