/**
 * Channels of alerts: webhooks with a signature, chat addresses, mail. What each is made of, how it is
 * kept, and how it is told something.
 * Invariants: secrets are sealed and never shown, and go to no other address than they were entered for;
 * redirects are not followed; an answer is read only as far as its status.
 * Spec: backlog-replication 2.14.
 */
import { createHmac } from 'node:crypto'
import type { PropertyInfo } from '../api-v1.ts'
import type { ChannelDraft, ChannelInfo, ChannelKind, ChannelKindInfo } from '../api-v1-alerts.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'
import { lostSecrets } from './kept-secrets.ts'
import { sendMail } from './mail.ts'
import type { SecretBox } from './secret-box.ts'
import { fieldError } from './task-target.ts'

const CALL_MS = 15_000
const NAME = /^[\w .-]{1,64}$/
const HEADER = /^([\w-]{1,64}):[ \t]*([\x20-\x7e]{1,2000})$/

type Given = Partial<PropertyInfo> & Pick<PropertyInfo, 'key' | 'label'>

function property(given: Given): PropertyInfo {
  return { type: 'text', required: false, advanced: false, ...given }
}

export const CHANNEL_KINDS: readonly ChannelKindInfo[] = [
  {
    ...{ kind: 'webhook', title: 'Webhook' },
    properties: [
      property({ key: 'url', label: 'URL', required: true, help: 'https://ops.example.com/hook' }),
      property({
        ...{ key: 'secret', label: 'Secret', type: 'secret' },
        help: 'signs each body, in X-Scamander-Signature',
      }),
      property({
        ...{ key: 'header', label: 'Header', type: 'secret' },
        help: 'one more, such as Authorization: Bearer …',
      }),
    ],
  },
  {
    ...{ kind: 'chat', title: 'Chat' },
    properties: [
      property({
        ...{ key: 'url', label: 'URL', type: 'secret', required: true },
        help: 'incoming webhook of the chat; it gets {"text": …}',
      }),
    ],
  },
  {
    ...{ kind: 'mail', title: 'Mail' },
    properties: [
      property({ key: 'host', label: 'Server', required: true }),
      property({ key: 'port', label: 'Port', type: 'number', default: 587, required: true }),
      property({
        ...{ key: 'security', label: 'Security', type: 'choice', required: true },
        ...{ choices: ['starttls', 'tls', 'none'], default: 'starttls' },
      }),
      property({ key: 'user', label: 'User' }),
      property({ key: 'password', label: 'Password', type: 'secret' }),
      property({ key: 'from', label: 'From', required: true }),
      property({ key: 'to', label: 'To', required: true, help: 'addresses, separated by commas' }),
    ],
  },
]

/** As it is stored; secrets are sealed. */
export interface ChannelRecord {
  readonly id: string
  readonly name: string
  readonly kind: ChannelKind
  readonly properties: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly hints: Readonly<Record<string, string>>
}

/** What a channel is told. */
export interface Message {
  /** Name of what happened, such as `alert.failed`. */
  readonly event: string
  readonly text: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** With the draft's values over the known ones; throws at the first that is wrong. */
export function toChannel(
  draft: ChannelDraft,
  of: { readonly id: string; readonly box: SecretBox; readonly known?: ChannelRecord | undefined },
): ChannelRecord {
  if (!NAME.test(draft.name ?? ''))
    throw fieldError('name', 'name: expected 1 to 64 letters, digits, blanks or _ . -')
  const kind = CHANNEL_KINDS.find(one => one.kind === draft.kind)
  if (kind === undefined) throw fieldError('kind', 'kind: expected webhook, chat or mail')
  const properties: Record<string, string> = {}
  const secrets: Record<string, string> = { ...of.known?.secrets }
  const hints: Record<string, string> = { ...of.known?.hints }
  const saved = { ...of.known?.properties, ...of.known?.secrets }
  for (const key of lostSecrets(kind.properties, { saved, given: draft.properties ?? {} })) {
    delete secrets[key]
    delete hints[key]
  }
  for (const one of kind.properties) {
    const given = draft.properties?.[one.key]
    const value = String(given ?? of.known?.properties[one.key] ?? one.default ?? '').trim()
    if (one.type !== 'secret') properties[one.key] = value
    else if (given !== undefined && value !== '') {
      secrets[one.key] = of.box.seal(value, `${of.id}/${one.key}`)
      hints[one.key] = `…${value.slice(-2)}`
    }
    const isSet = one.type === 'secret' ? secrets[one.key] !== undefined : value !== ''
    if (one.required && !isSet) throw fieldError(one.key, `${one.label} is missing`)
    if (given !== undefined && value !== '') check(one, value)
  }
  return { id: of.id, name: draft.name, kind: draft.kind, properties, secrets, hints }
}

export function toChannelInfo({ secrets, hints, ...shown }: ChannelRecord): ChannelInfo {
  const kind = CHANNEL_KINDS.find(one => one.kind === shown.kind)
  const names = (kind?.properties ?? []).filter(one => one.type === 'secret').map(one => one.key)
  const state = (key: string) =>
    secrets[key] === undefined ? { set: false } : { set: true, hint: hints[key] ?? '' }
  return { ...shown, secrets: Object.fromEntries(names.map(key => [key, state(key)])) }
}

/** Resolves to what the other side said; throws when it did not take it, or was cut off. */
export async function tell(
  channel: ChannelRecord,
  box: SecretBox,
  of: { readonly message: Message; readonly signal: AbortSignal },
): Promise<string> {
  const { message, signal } = of
  const open = (key: string) => {
    const sealed = channel.secrets[key]
    return sealed === undefined ? '' : box.open(sealed, `${channel.id}/${key}`)
  }
  const { properties } = channel
  if (channel.kind === 'mail') {
    const server = {
      ...{ host: properties['host'] ?? '', port: Number(properties['port']) },
      security: (properties['security'] ?? 'starttls') as 'none' | 'starttls' | 'tls',
      ...{ user: properties['user'] ?? '', password: open('password') },
    }
    const to = (properties['to'] ?? '').split(',').map(one => one.trim())
    const text = `${message.text}\n`
    const mail = { from: properties['from'] ?? '', to, subject: message.text, text }
    await sendMail(server, mail, signal)
    return 'accepted by the mail server'
  }
  if (channel.kind === 'chat') {
    return await post(open('url'), { body: JSON.stringify({ text: message.text }), signal })
  }
  const body = JSON.stringify({ event: message.event, text: message.text, ...message.facts })
  const headers = HEADER.exec(open('header'))
  const more = {
    ...signature(open('secret'), body),
    ...(headers === null ? {} : { [headers[1]!]: headers[2]! }),
  }
  return await post(properties['url'] ?? '', { body, signal, more })
}

function signature(secret: string, body: string): Record<string, string> {
  if (secret === '') return {}
  const time = String(Math.floor(Date.now() / 1000))
  const digest = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return { 'x-scamander-timestamp': time, 'x-scamander-signature': `sha256=${digest}` }
}

interface Post {
  readonly body: string
  readonly signal: AbortSignal
  /** Headers. */
  readonly more?: Readonly<Record<string, string>>
}

async function post(url: string, { body, signal: end, more }: Post): Promise<string> {
  const headers = { 'content-type': 'application/json', ...more }
  const signal = AbortSignal.any([end, AbortSignal.timeout(CALL_MS)])
  const answer = await fetch(url, { method: 'POST', body, headers, signal, redirect: 'manual' })
  await answer.body?.cancel()
  if (answer.ok) return `answered ${answer.status}`
  const message = `expected an answer of 2xx, found ${answer.status}`
  throw new ScamanderError(REPLICATE_ERRORS.CHANNEL, message)
}

function check({ key, label, type, choices }: PropertyInfo, value: string): void {
  if (key === 'url') {
    const url = URL.parse(value)
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '')
      throw fieldError(key, `${label}: expected an address such as https://ops.example.com/hook`)
  }
  if (
    type === 'number' &&
    !(/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535)
  )
    throw fieldError(key, `${label}: expected a number of 1 to 65535`)
  if (type === 'choice' && !choices?.includes(value))
    throw fieldError(key, `${label}: expected one of ${choices?.join(', ')}`)
  if (key === 'header' && !HEADER.test(value))
    throw fieldError(key, `${label}: expected Name: value`)
  if (
    (key === 'from' || key === 'to') &&
    !value.split(',').every(one => /^[^\s<>@"]+@[^\s<>@"]+$/.test(one.trim()))
  )
    throw fieldError(key, `${label}: expected addresses such as ops@example.com`)
}
