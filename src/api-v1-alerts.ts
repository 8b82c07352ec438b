/**
 * The JSON shapes of alerts, events (hooks) and the sign-in window of `/api/v1`, types only. Importable
 * by every room. Lists are `{ items }`, errors problem+json, as in api-v1.ts.
 * Invariant: no answer holds a secret; what is left out of an update stays.
 * Spec: backlog-replication 1.2, 2.14, 2.15.
 */
import type { Properties, PropertyInfo, SecretState } from './api-v1.ts'

// Alerts ------------------------------------------------------------------------------------------

export type AlertRuleKey =
  | 'failed'
  | 'warning'
  | 'recovered'
  | 'completed'
  | 'no_rows'
  | 'unusual_rows'
  | 'slow'
  | 'waited'
  | 'schema_changed'
  | 'parked_deletes'
  | 'rejected_rows'
  | 'skipped'

export interface AlertRule {
  readonly key: AlertRuleKey
  readonly on: boolean
  /** Runs, minutes or seconds, for the rules that have a limit. */
  readonly limit?: number
}

export interface AlertRuleInfo extends AlertRule {
  readonly title: string
  readonly unit?: string
  /** How often it would have fired in the last 30 days; of a job only. */
  readonly fired?: number
}

/** `GET /jobs/{id}/alerts`; `GET /alerts/rules` has those of jobs without rules of their own. */
export interface AlertSettings {
  /** False: the job has the rules and channels of all jobs. */
  readonly own: boolean
  readonly rules: readonly AlertRuleInfo[]
  /** Ids of channels that are told. */
  readonly channels: readonly string[]
  /** Until then alerts are kept and nobody is told. */
  readonly mutedUntil: string | null
}

/** `PUT /jobs/{id}/alerts`, `PUT /alerts/rules`: what is left out stays. */
export interface AlertSettingsPatch {
  /** False: back to the rules of all jobs. */
  readonly own?: boolean
  readonly rules?: readonly AlertRule[]
  readonly channels?: readonly string[]
  readonly mutedUntil?: string | null
}

export type ChannelKind = 'webhook' | 'chat' | 'mail'

/** `GET /alerts/channel-kinds`: what the form of a channel shows. */
export interface ChannelKindInfo {
  readonly kind: ChannelKind
  readonly title: string
  readonly properties: readonly PropertyInfo[]
}

export interface ChannelInfo {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  readonly properties: Properties
  readonly secrets: Readonly<Record<string, SecretState>>
}

export interface ChannelDraft {
  readonly name: string
  readonly kind: ChannelKind
  readonly properties: Properties
}

/** `GET /alerts?job=`: newest first. */
export interface AlertInfo {
  readonly id: number
  readonly time: string
  readonly rule: AlertRuleKey
  readonly jobId: string
  readonly jobName: string
  readonly runId: string
  readonly text: string
  /** Alike within an hour are one. */
  readonly count: number
  readonly acknowledgedBy: string | null
}

/** `GET /alerts/deliveries`: newest first; `POST /alerts/deliveries/{id}/resend`. */
export interface DeliveryInfo {
  readonly id: number
  readonly time: string
  readonly channelName: string
  readonly text: string
  readonly state: 'waiting' | 'sent' | 'failed'
  readonly attempts: number
  /** Of the last attempt. */
  readonly result: string
  readonly nextAt: string | null
}

// Events ------------------------------------------------------------------------------------------

/** `GET /jobs/{id}/hooks`, `PUT` with `{ items }`: what happens before and after a run. */
export interface HookInfo {
  readonly id: string
  readonly when: 'before_run' | 'after_run' | 'after_task'
  /** After only. */
  readonly on: 'always' | 'success' | 'problem'
  readonly kind: 'webhook' | 'cql' | 'job'
  /** The id of a channel, a CQL statement for the destination, or the id of a job. */
  readonly target: string
  /** Before only: whether the run goes on when it fails. */
  readonly onFailure: 'continue' | 'stop'
  readonly enabled: boolean
  readonly last: { readonly time: string; readonly ok: boolean; readonly text: string } | null
}

export type HookDraft = Omit<HookInfo, 'last' | 'id'> & { readonly id?: string }

// Sign-in -----------------------------------------------------------------------------------------

/** `POST /connections/oauth`: a draft, or a saved connection whose secret is used again. */
export interface OauthStart {
  readonly connection?: string
  readonly properties: Properties
  /** `{origin of the page}/oauth/backlog/callback` */
  readonly redirectUri: string
}

/**
 * `GET /connections/oauth/{state}`, and `POST …/code` with `{ code }` by hand. `grant` is what stands for the
 * token in a draft, as its `oauthRefreshToken`.
 */
export interface OauthSignIn {
  readonly state: string
  readonly authorizeUrl: string
  readonly status: 'waiting' | 'connected' | 'failed'
  /** Who signed in, or why it failed. */
  readonly text: string
  readonly grant: string | null
}
