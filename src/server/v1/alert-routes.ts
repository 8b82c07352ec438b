/**
 * The routes of alerts and events of jobs: rules, channels, alerts, deliveries, hooks. Each calls the
 * replicator's desks; changes are written to the audit trail.
 * Shapes: src/api-v1-alerts.ts. Spec: backlog-replication 2.14 to 2.16.
 */
import type { AlertSettingsPatch, ChannelDraft, HookDraft } from '../../api-v1-alerts.ts'
import { CHANNEL_KINDS, type Replicator } from '../../replicate/index.ts'
import { type Call, empty, json } from '../route.ts'
import { audit, body, id, items, type Row, userOf } from './v1-calls.ts'

export function alertRows(replicator: Replicator): Row[] {
  return [...channelRows(replicator), ...ruleRows(replicator), ...hookRows(replicator)]
}

function channelRows(replicator: Replicator): Row[] {
  const { alerts } = replicator
  return [
    [
      'GET /alerts/channel-kinds',
      'Kinds of channels with their properties.',
      () => items(CHANNEL_KINDS),
      { gives: 'ChannelKindInfo[]' },
    ],
    [
      'GET /alerts/channels',
      'Channels that alerts can be sent to.',
      () => items(alerts.channels()),
      { gives: 'ChannelInfo[]' },
    ],
    [
      'POST /alerts/channels',
      'Makes a channel.',
      call => {
        const made = alerts.putChannel(body<ChannelDraft>(call))
        audit(replicator, call, ['channel created', made.name])
        return json(201, made)
      },
      { takes: 'ChannelDraft', gives: 'ChannelInfo', status: 201 },
    ],
    [
      'PATCH /alerts/channels/:id',
      'Changes a channel; secrets that are left out stay, unless the address changes.',
      call => {
        const changed = alerts.putChannel(body<ChannelDraft>(call), id(call))
        audit(replicator, call, ['channel changed', changed.name])
        return json(200, changed)
      },
      { takes: 'ChannelDraft', gives: 'ChannelInfo' },
    ],
    [
      'DELETE /alerts/channels/:id',
      'Deletes a channel; rules and events that name it tell nobody through it any more.',
      call => {
        audit(replicator, call, ['channel deleted', alerts.deleteChannel(id(call))])
        return empty(204)
      },
      {},
    ],
    [
      'POST /alerts/channels/:id/test',
      'Sends a test message.',
      async call => json(200, { text: await alerts.testChannel(id(call)) }),
      { gives: { type: 'object', properties: { text: { type: 'string' } } } },
    ],
    [
      'GET /alerts/deliveries',
      'Messages to channels, newest first.',
      () => items(alerts.deliveries()),
      { gives: 'DeliveryInfo[]' },
    ],
    [
      'POST /alerts/deliveries/:id/resend',
      'Sends a message again.',
      call => {
        alerts.resend(Number(id(call)))
        return empty(204)
      },
      {},
    ],
  ]
}

function ruleRows(replicator: Replicator): Row[] {
  const { alerts } = replicator
  const job = (call: Call) => replicator.job(id(call))
  return [
    [
      'GET /alerts',
      'Alerts, newest first; of one job with job=.',
      call => items(alerts.alerts(call.query.get('job') ?? undefined)),
      { gives: 'AlertInfo[]', query: { job: 'The id of a job: its alerts only.' } },
    ],
    [
      'POST /alerts/:id/ack',
      'Acknowledges an alert.',
      call => json(200, alerts.acknowledge(Number(id(call)), userOf(call))),
      { gives: 'AlertInfo' },
    ],
    [
      'GET /alerts/rules',
      'Rules of jobs that have none of their own.',
      () => json(200, alerts.settings()),
      { gives: 'AlertSettings' },
    ],
    [
      'PUT /alerts/rules',
      'Sets the rules of jobs that have none of their own.',
      call => {
        const set = alerts.setSettings(body<AlertSettingsPatch>(call))
        audit(replicator, call, ['alert rules changed', 'all jobs'])
        return json(200, set)
      },
      { takes: 'AlertSettingsPatch', gives: 'AlertSettings' },
    ],
    [
      'GET /jobs/:id/alerts',
      'Rules and channels of a job.',
      call => json(200, alerts.settings(job(call).id)),
      { gives: 'AlertSettings' },
    ],
    [
      'PUT /jobs/:id/alerts',
      'Sets the rules and channels of a job.',
      call => {
        const { id: jobId, name } = job(call)
        const set = alerts.setSettings(body<AlertSettingsPatch>(call), jobId)
        audit(replicator, call, ['alert rules changed', name])
        return json(200, set)
      },
      { takes: 'AlertSettingsPatch', gives: 'AlertSettings' },
    ],
  ]
}

function hookRows(replicator: Replicator): Row[] {
  const { hooks } = replicator
  return [
    [
      'GET /jobs/:id/hooks',
      'Events of a job.',
      call => items(hooks.list(replicator.job(id(call)).id)),
      { gives: 'HookInfo[]' },
    ],
    [
      'PUT /jobs/:id/hooks',
      'Sets the events of a job: items, in their order.',
      call => {
        const { id: jobId, name } = replicator.job(id(call))
        const all = hooks.put(jobId, body<{ items: HookDraft[] }>(call).items)
        audit(replicator, call, ['events changed', name])
        return items(all)
      },
      { takes: 'HookDraft[]', gives: 'HookInfo[]' },
    ],
  ]
}
