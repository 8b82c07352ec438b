import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../../base/scamander-error.ts'
import { KAFKA_ERRORS, type LogEntry, type TransactionalWriter } from '../../kafka/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { ClusterLog } from './cluster-log.ts'
import { decodeConfigRecord } from './config-records.ts'
import { ConfigState } from './config-state.ts'
import { Leader, type LeaderParts } from './leader.ts'

const TASKS = [{ n: '0' }, { n: '1' }, { n: '2' }]

/** A leader over a log in memory, whose fencing ends when it is told to. */
async function leading() {
  const config = new ConfigState()
  const counts = { writes: 0, isFenced: false, deposed: 0 }
  const log: Partial<ClusterLog> = { config, catchUp: async () => undefined }
  const writer: Partial<TransactionalWriter> = {
    open: async () => undefined,
    close: async () => undefined,
    write: async (entries: readonly LogEntry[]) => {
      counts.writes += 1
      if (counts.isFenced) throw new ScamanderError(KAFKA_ERRORS.PRODUCER_FENCED, 'another writes')
      for (const { key, value } of entries) config.apply(decodeConfigRecord(key, value)!)
      return undefined
    },
  }
  const fences: { readonly count: number; end(): void }[] = []
  const parts: LeaderParts = {
    log: log as ClusterLog,
    writer: writer as TransactionalWriter,
    readTimeoutMs: 1,
    sessionKey: { algorithm: 'HmacSHA256', bits: undefined, ttlMs: 1e9 },
    divideAtOnce: () => undefined,
    fenceTasks: (_name, count) => new Promise(end => fences.push({ count, end: () => end() })),
    deposed: () => {
      counts.deposed += 1
    },
  }
  const leader = new Leader(parts)
  await leader.open()
  await leader.create('c', { 'connector.class': 'x' }, 'STARTED')
  await leader.putTasks('c', TASKS)
  return { leader, config, fences, counts }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

it('writes nothing more once another leader writes, and says that it is deposed', async () => {
  const { leader, config, counts } = await leading()
  counts.isFenced = true
  const refused = { kind: 'retriable', code: CONNECT_ERRORS.NO_LEADER.code }
  await expect(leader.setTarget('c', 'PAUSED')).rejects.toMatchObject(refused)
  expect(counts.deposed).toBe(1)
  const { writes } = counts
  for (const change of [
    leader.create('d', {}, 'STARTED'),
    leader.put('c', () => ({})),
    leader.putTasks('c', []),
    leader.restart('c', { includeTasks: true, onlyFailed: false }),
    leader.setLogLevel('root', 'DEBUG'),
    leader.delete('c'),
  ]) {
    await expect(change).rejects.toMatchObject(refused)
  }
  expect(counts.writes).toBe(writes)
  expect(config.connector('c')?.target).toBe('STARTED')
})

describe('fencing of earlier tasks', () => {
  it('is done once for all tasks that wait for it, and lets them begin', async () => {
    const { leader, config, fences } = await leading()
    const waiting = TASKS.map(() => leader.fence('c'))
    await turn()
    expect(fences.length).toBe(1)
    expect(config.connector('c')?.isFencingDue).toBe(true)
    fences[0]!.end()
    await Promise.all(waiting)
    expect(config.connector('c')).toMatchObject({ isFencingDue: false, fencedTasks: 3 })
    await leader.fence('c')
    expect(fences.length).toBe(1)
  })

  it('does not hold up a stop of the connector, nor other changes', async () => {
    const { leader, config, fences } = await leading()
    const fencing = leader.fence('c')
    await turn()
    await leader.setTarget('c', 'STOPPED')
    await leader.create('d', { 'connector.class': 'x' }, 'STARTED')
    expect(config.connector('c')?.target).toBe('STOPPED')
    fences[0]!.end()
    await fencing
    // Nothing begins: it is due again when tasks are configured again.
    expect(config.connector('c')?.isFencingDue).toBe(true)
  })

  it('begins anew when the tasks changed meanwhile', async () => {
    const { leader, config, fences } = await leading()
    const fencing = leader.fence('c')
    await turn()
    await leader.putTasks('c', TASKS.slice(0, 2))
    fences[0]!.end()
    await expect(fencing).rejects.toMatchObject({ kind: 'retriable' })
    expect(config.connector('c')?.isFencingDue).toBe(true)
    const again = leader.fence('c')
    await turn()
    fences[1]!.end()
    await again
    expect(config.connector('c')).toMatchObject({ isFencingDue: false, fencedTasks: 2 })
  })
})
