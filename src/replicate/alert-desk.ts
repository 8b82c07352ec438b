/**
 * Alerts of jobs: judges each run that ended by the rules of its job, keeps what fired, and has the
 * channels told. Part of the replicator; the page and the API use it.
 * Invariants: a run is judged once; alike alerts of one job within an hour are one, told once; rules name
 * only channels that there are.
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
import type { Logger } from '../telemetry/index.ts'
import { type ChannelRecord, type Message, toChannel, toChannelInfo } from './alert-channels.ts'
import { countFired, firedBy, mergeRules, RULES_DEFAULT, toRuleInfo } from './alert-rules.ts'
import { DeliveryDesk } from './delivery-desk.ts'
import { conflict, unknown } from './errors.ts'
import type { Store, StoredEvent } from './store.ts'
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

const HOUR_MS = 3_600_000
const SHOWN = 200
const EARLIER_RUNS = 200
const CHANNELS_MAX = 100
const DEFAULT = 'default'
const NO_SETTINGS: SettingsRecord = {
  ...{ rules: RULES_DEFAULT, channels: [], mutedUntil: null, own: false },
}

export class AlertDesk {
  readonly #host: AlertHost
  readonly #deliveries: DeliveryDesk

  constructor(host: AlertHost) {
    this.#host = host
    const { store, logger } = host
    this.#deliveries = new DeliveryDesk({ store, logger, onChanged: () => this.#changed() })
  }

  start(): void {
    this.#deliveries.start()
  }

  async close(): Promise<void> {
    await this.#deliveries.close()
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
    for (const id of patch.channels ?? []) this.#channel(id)
    const channels = patch.channels ?? old.channels
    const mutedUntil = patch.mutedUntil === undefined ? old.mutedUntil : patch.mutedUntil
    if (mutedUntil !== null && Number.isNaN(Date.parse(mutedUntil)))
      throw fieldError('mutedUntil', 'mutedUntil: expected a time such as 2026-11-21T00:00:00Z')
    const touches = patch.rules !== undefined || patch.channels !== undefined
    const own = patch.own ?? (touches || old.own)
    this.#host.store.put('alert-settings', jobId, { rules, channels, mutedUntil, own })
    this.#changed()
    return this.settings(jobId)
  }

  /** The job is gone; its alerts stay as long as others. */
  forgetJob(jobId: string): void {
    this.#host.store.delete('alert-settings', jobId)
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
    const { store } = this.#host
    store.transaction(() => {
      for (const jobId of store.ids('alert-settings')) {
        const record = store.get<SettingsRecord>('alert-settings', jobId)!
        const channels = record.channels.filter(one => one !== id)
        store.put('alert-settings', jobId, { ...record, channels })
      }
      store.delete('alert-channel', id)
    })
    this.#changed()
    return name
  }

  /** Tells it something now; throws when it is not taken. */
  async testChannel(id: string): Promise<string> {
    const text = 'Scamander: this is a test of the channel.'
    return await this.tellChannel(id, { event: 'test', text, facts: {} })
  }

  /** Throws when it is not taken, and once the signal or the end of the server cuts it off. */
  async tellChannel(id: string, message: Message, signal?: AbortSignal): Promise<string> {
    return await this.#deliveries.tell(id, message, signal)
  }

  // Alerts

  alerts(jobId?: string): AlertInfo[] {
    return this.#host.store
      .events('alert', { limit: SHOWN, ...(jobId === undefined ? {} : { run: jobId }) })
      .map(toAlert)
  }

  acknowledge(id: number, user: string): AlertInfo {
    const { store } = this.#host
    const found = store.event('alert', id)
    if (found === undefined) throw unknown(`there is no alert ${id}`)
    const done = { ...toAlert(found), acknowledgedBy: user }
    store.putEvent(id, done)
    this.#changed()
    return done
  }

  deliveries(): DeliveryInfo[] {
    return this.#deliveries.list()
  }

  resend(id: number): void {
    this.#deliveries.resend(id)
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
    for (const id of channels)
      this.#deliveries.queue(id, { event: `alert.${rule.key}`, text, facts })
  }

  /** Those of all jobs, for a job that has none of its own; muting is its own anyway. */
  #settingsOf(jobId: string): SettingsRecord {
    const all = this.#settingsRecord(DEFAULT) ?? NO_SETTINGS
    if (jobId === DEFAULT) return all
    const record = this.#settingsRecord(jobId)
    if (record?.own === true) return record
    return { ...all, own: false, mutedUntil: record?.mutedUntil ?? all.mutedUntil }
  }

  /** Without channels that are gone. */
  #settingsRecord(jobId: string): SettingsRecord | undefined {
    const { store } = this.#host
    const record = store.get<SettingsRecord>('alert-settings', jobId)
    if (record === undefined) return undefined
    const known = new Set(store.ids('alert-channel'))
    return { ...record, channels: record.channels.filter(one => known.has(one)) }
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

function toAlert({ id, timeMs, json }: StoredEvent): AlertInfo {
  const record = JSON.parse(json) as Omit<AlertInfo, 'id' | 'time'>
  return { ...record, id, time: new Date(timeMs).toISOString() }
}
