/**
 * What the screens of capture tell: states of channels, topics of tables, latencies.
 */
import { expect, it } from 'vitest'
import type { CaptureChannel, CaptureChannelState } from '../../api.ts'
import type { CaptureTailRow } from '../../api-v1-capture.ts'
import {
  bytesText,
  latencyText,
  readerConfig,
  readersOf,
  stateOf,
  topicsOf,
  withTopic,
} from './capture-model.ts'
import { changeText, isShown, keyText, unique } from './tail-model.ts'

function channel(state: CaptureChannelState, more: object = {}): CaptureChannel {
  const stats = { state, error: null, advice: null, queued: 0, delivered: 0, lagSeconds: 0 }
  return { destination: 'd', stats: { ...stats, ...more } } as CaptureChannel
}

it.each([
  [channel('TETHERED'), 'READY'],
  [channel('TETHERED', { delivered: 3 }), 'DELIVERING'],
  [channel('TETHERED', { delivered: 3, queued: 9, lagSeconds: 61 }), 'BEHIND'],
  [channel('WAITING'), 'BEHIND'],
  [channel('BLOCKED'), 'BEHIND'],
  [channel('ISOLATED'), 'FAILED'],
  [channel('FAILED'), 'FAILED'],
  [channel('COLLECTING_ONLY'), 'PAUSED'],
  [channel('TRANSMITTING_ONLY'), 'PAUSED'],
  [channel('PAUSED'), 'PAUSED'],
])('%o is %s', (one, state) => expect(stateOf(one).state).toBe(state))

it('tells the way out where no connector reads a destination', () => {
  expect(stateOf(channel('WAITING')).advice).toContain('source connector')
})

it('finds the topics of a table in the configuration of a connector', () => {
  const config = readerConfig({
    destination: 'd',
    topic: '$' + '{keyspace}.x, plain',
    format: 'default',
  })
  expect(topicsOf(config, 'ks', 't')).toEqual(['ks.x', 'plain'])
  const changed = { ...config, ...withTopic(config, 'ks.t', 'other') }
  expect(topicsOf(changed, 'ks', 't')).toEqual(['other'])
  expect(topicsOf(changed, 'ks', 'u')).toEqual(['ks.x', 'plain'])
  expect(withTopic(changed, 'ks.u', 'more')['scamander.topic.map']).toBe('ks.t:other,ks.u:more')
  expect(topicsOf({}, 'ks', 't')).toEqual([])
})

it('knows connectors of capture by their class', () => {
  const all = {
    a: { info: { config: { 'connector.class': 'DseSourceConnector' } } },
    b: { info: { config: { 'connector.class': 'com.x.CassandraSinkConnector' } } },
    c: {},
  }
  expect(readersOf(all).map(one => one.name)).toEqual(['a'])
})

it('writes latencies and sizes', () => {
  expect([null, 0.096, 1.24].map(one => latencyText(one))).toEqual(['–', '96 ms', '1.2 s'])
  expect([999, 1500, 22_000_000].map(bytesText)).toEqual(['999 B', '1.5 kB', '22.0 MB'])
})

const row = {
  ...{ id: '1.0', queuedAt: 'now', op: 'UPDATE', scope: 'row', keyspace: 'ks', table: 't' },
  key: [{ name: 'k', value: "'a'", isPart: false }],
  columns: [
    { name: 'v', value: '1', isPart: false },
    { name: 's', value: "{'x'}", isPart: true },
  ],
} as unknown as CaptureTailRow

it('writes a change in a line, and finds it by what it holds', () => {
  expect([keyText(row), changeText(row)]).toEqual(["k = 'a'", "v = 1, s: … {'x'}"])
  expect(changeText({ ...row, op: 'DELETE', scope: 'range' })).toBe('range')
  expect(isShown(row, { table: 'ks.t', op: 'UPDATE', q: 'X' })).toBe(true)
  expect(isShown(row, { q: 'y' })).toBe(false)
  expect(isShown(row, { op: 'DELETE' })).toBe(false)
  expect(unique([row, { ...row }, { ...row, id: '2.0' }])).toHaveLength(2)
})
