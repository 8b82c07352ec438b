/**
 * The membership of a worker against the real broker: heartbeats go on while the main thread stands
 * still, a main thread that stands still too long is left behind, and Kafka Connect's kind of
 * members keep a worker out.
 */
import { randomBytes } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { type AssignedMessage, Membership, NO_WORK, shareOf } from '../../src/connect/index.ts'
import { Cluster, GroupMember } from '../../src/kafka/index.ts'
import { Logger } from '../../src/telemetry/index.ts'
import { until } from '../support/standalone.ts'
import { testKafka } from '../support/topic.ts'
import { closeAll, closing, settingsOf } from '../support/topic-reader.ts'

afterEach(closeAll)

interface Witness {
  readonly membership: Membership
  readonly assigned: AssignedMessage[]
  readonly lost: string[]
  readonly failed: string[]
}

function memberOf(groupId: string, url: string, rebalanceTimeoutMs = 20_000): Witness {
  const assigned: AssignedMessage[] = []
  const lost: string[] = []
  const failed: string[] = []
  const membership = new Membership(
    {
      properties: { 'bootstrap.servers': testKafka().bootstrapServers },
      groupId,
      sessionTimeoutMs: 6_000,
      rebalanceTimeoutMs,
      heartbeatIntervalMs: 500,
      syncTimeoutMs: 2_000,
      delayMsMax: 0,
      workerUrl: url,
    },
    {
      assigned: message => {
        assigned.push(message)
        membership.released(message.stopping, message.assignment.generation)
      },
      lost: why => {
        lost.push(why)
        membership.releasedAll()
      },
      catchUp: () => undefined,
      rebalancing: () => undefined,
      failed: error => failed.push(error.code),
    },
    Logger.silent(),
  )
  membership.start()
  closing.push(() => membership.close())
  return { membership, assigned, lost, failed }
}

const newGroup = () => `g-${randomBytes(6).toString('hex')}`
const WORK = shareOf(['a', 'b'], ['a-0', 'b-0'])

/** The event loop of this thread does nothing at all. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

const last = ({ assigned }: Witness) => assigned.at(-1)?.assignment.assigned

it('keeps membership and work while the main thread stands still for longer than the session', async () => {
  const one = memberOf(newGroup(), 'http://one')
  one.membership.tellWork(WORK, 5)
  await until('the work', () => last(one)?.tasks.size === 2)
  standStill(8_000)
  expect(one.membership.isValid).toBe(true)
  await new Promise(resolve => setTimeout(resolve, 1_000))
  expect(one.lost).toEqual([])
  expect(last(one)).toEqual(WORK)
})

it('a round passes while the main thread of a member stands still, and moves nothing it has', async () => {
  const group = newGroup()
  const one = memberOf(group, 'http://one')
  one.membership.tellWork(WORK, 5)
  await until('the work', () => last(one)?.tasks.size === 2)
  const two = memberOf(group, 'http://two')
  two.membership.tellWork(WORK, 5)
  standStill(3_000)
  await until('half the work', () => last(two)?.tasks.size === 1 && last(one)?.tasks.size === 1)
  const given = two.assigned.map(message => message.assignment)
  // The first round gave the newcomer nothing: the other still had everything.
  expect(given[0]?.assigned).toEqual(NO_WORK)
  expect([...last(one)!.tasks, ...last(two)!.tasks].sort()).toEqual(['a-0', 'b-0'])
  expect(one.lost).toEqual([])
})

it('leaves a main thread behind that stands still for longer than a rebalance may take', async () => {
  const one = memberOf(newGroup(), 'http://one', 3_000)
  one.membership.tellWork(WORK, 5)
  await until('the work', () => last(one)?.tasks.size === 2)
  const rounds = one.assigned.length
  standStill(5_000)
  expect(one.membership.isValid).toBe(false)
  await until('letting go', () => one.lost.length > 0)
  await until('the work again', () => one.assigned.length > rounds && last(one)?.tasks.size === 2)
})

it('does not join a group of another kind of workers', async () => {
  const groupId = newGroup()
  const cluster = new Cluster(settingsOf().connection)
  const settings = {
    groupId,
    groupInstanceId: undefined,
    protocolType: 'connect',
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 10_000,
    heartbeatIntervalMs: 500,
  }
  let isMember = false
  const foreign = new GroupMember(cluster, settings, {
    logger: Logger.silent(),
    handler: {
      protocols: () => [{ name: 'sessioned', metadata: Buffer.alloc(4) }],
      assign: async (_protocol, members) =>
        new Map(members.map(one => [one.memberId, Buffer.alloc(1)])),
      assigned: async () => {
        isMember = true
        return false
      },
      rebalancing: async () => undefined,
      lost: async () => undefined,
      isAlive: () => true,
      failed: () => undefined,
    },
  })
  foreign.start()
  closing.push(() => cluster.close())
  closing.push(() => foreign.close())
  await until('a worker of Kafka Connect', () => isMember)
  const one = memberOf(groupId, 'http://one')
  one.membership.tellWork(WORK, 5)
  await until('the refusal', () => one.failed.length > 0)
  expect(one.failed).toEqual(['SCM_CONNECT_FOREIGN_GROUP'])
})
