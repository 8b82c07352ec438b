/**
 * Copy and validation as connectors of a group of workers: token ranges are spread over two workers, one
 * of them is killed, and the other goes on with what is left, not with all of it.
 * Lists are in the table: a range that two attempts wrote would show them doubled.
 * Spec: live-migration 3.4 (rule 7), 3.7; issue 7, scale-out.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CassandraDescription } from '../../src/sandbox/index.ts'
import {
  type ClusterWorker,
  type UnitState,
  untilState,
  WorkerCluster,
} from '../support/cluster-workers.ts'
import { testCassandra } from '../support/keyspace.ts'
import { MigrationScene } from '../support/migration.ts'
import { secondCassandra } from '../support/second-cluster.ts'
import { TopicLog } from '../support/source.ts'
import { until } from '../support/standalone.ts'
import { testKafka } from '../support/topic.ts'
import { admin, closeAll } from '../support/topic-reader.ts'

const ROWS = 4_000
const SPLITS = 32
const T0 = 1_700_000_000_000_000
const SELECT = { keys: 2, selectors: ['id', 'c', 'v', 'l', 'writetime(v)'] }
const name = `mig-${randomBytes(4).toString('hex')}`
const reports = `${name}-differences`

let scene: MigrationScene
let cluster: WorkerCluster
let clusters: Record<string, string>

beforeAll(async () => {
  scene = await MigrationScene.open()
  const at = ({ contactPoints, port }: CassandraDescription) => `${contactPoints[0]}:${port}`
  clusters = {
    'source.contact.points': at(testCassandra()),
    'target.contact.points': at(await secondCassandra()),
    keyspace: scene.source.name,
    'target.keyspace': scene.target.name,
    tables: 'ledger',
    splits: String(SPLITS),
    'page.size': '20',
    'tasks.max': '4',
  }
  await scene.both(
    'CREATE TABLE ks.ledger (id int, c int, v text, l list<int>, PRIMARY KEY (id, c))',
  )
  const { client, name: keyspace } = scene.source
  const cql = `INSERT INTO ${keyspace}.ledger (id, c, v, l) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`
  for (let first = 0; first < ROWS; first += 200) {
    const rows = Array.from({ length: 200 }, (_, i) => first + i)
    await Promise.all(
      rows.map(i => client.execute(cql, [i % 900, i, `v${i}`, [i, 1], T0 + i], { prepare: true })),
    )
  }
  cluster = new WorkerCluster(testKafka().bootstrapServers, {
    // A task may load its modules for a while on a busy machine.
    'scamander.task.hang.timeout.ms': '120000',
  })
  await cluster.startAll(2)
})

afterAll(async () => {
  await cluster?.close()
  await admin()
    .deleteTopics([reports])
    .catch(() => undefined)
  await closeAll()
  await scene?.close()
})

interface StoredRange {
  readonly partition: Readonly<Record<string, string>>
  readonly offset: { readonly status?: string }
}

/** Ranges by what is stored of them. */
async function ranges(worker: ClusterWorker, connector: string, status: string): Promise<number> {
  const { json } = await worker.call('GET', `/connectors/${connector}/offsets`)
  const stored = (json.offsets ?? []) as StoredRange[]
  return stored.filter(one => one.offset.status === status).length
}

async function createConnector(
  worker: ClusterWorker,
  connector: string,
  config: Record<string, string>,
): Promise<void> {
  const body = { name: connector, config: { ...clusters, ...config } }
  const created = await until('the connector', async () => {
    const answer = await worker.call('POST', '/connectors', body)
    return answer.status === 409 ? undefined : answer
  })
  expect([created.status, created.json]).toEqual([201, expect.anything()])
}

it('copies by two workers; one is killed, the other ends the copy', async () => {
  const [a, b] = cluster.workers as [ClusterWorker, ClusterWorker]
  const copy = `${name}-copy`
  const settings = { 'connector.class': 'TableCopyConnector', 'read.rate': '100' }
  await createConnector(a, copy, settings)
  const { tasks } = await untilState(a, copy, { state: 'RUNNING', tasks: 4 }, 120_000)
  expect(new Set(tasks.map(task => task.worker_id)).size).toBe(2)
  await until('some ranges', async () => (await ranges(a, copy, 'PASS')) >= 4, 120_000)
  await b.kill('SIGKILL')
  const passed = await ranges(a, copy, 'PASS')
  expect(passed).toBeLessThan(SPLITS)
  await until('all ranges', async () => (await ranges(a, copy, 'PASS')) === SPLITS, 120_000)
  const source = await scene.rows('source', 'ledger', SELECT)
  const target = await scene.rows('target', 'ledger', SELECT)
  expect([source.size, target.size]).toEqual([ROWS, ROWS])
  for (const [key, cells] of source) expect([key, target.get(key)]).toEqual([key, cells])
}, 300_000)

it('compares by tasks; the one that finds a difference fails and tells it', async () => {
  const [a] = cluster.workers as [ClusterWorker]
  const validation = `${name}-validation`
  await scene.on('target', "UPDATE ks.ledger SET v = 'other' WHERE id = 7 AND c = 7")
  await createConnector(a, validation, {
    'connector.class': 'io.scamander.migrate.TableValidationConnector',
    'recheck.delay.ms': '100',
    'compare.timestamps': 'true',
    'report.topic': reports,
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
  })
  const failed = await until(
    'one failed task',
    async () => {
      const { json } = await a.call('GET', `/connectors/${validation}/status`)
      const units = (json.tasks ?? []) as (UnitState & { id: number })[]
      return units.find(one => one.state === 'FAILED')
    },
    120_000,
  )
  expect(failed.trace).toContain('1 rows differ, 0 are missing, 0 extra, 0 errors; 1 token ranges')
  const log = await TopicLog.open(reports)
  const [record] = await log.readTo(1)
  expect(JSON.parse(record!.value!)).toMatchObject({
    kind: 'mismatch',
    key: { id: 7, c: 7 },
    differences: [{ kind: 'value', column: 'v', target: 'other' }],
  })
  const later = Date.now() * 1000 + 60_000_000
  await scene.both(
    `UPDATE ks.ledger USING TIMESTAMP ${later} SET v = 'same' WHERE id = 7 AND c = 7`,
  )
  await a.call('POST', `/connectors/${validation}/tasks/${failed.id}/restart`)
  await until(
    'all ranges',
    async () => {
      const done = await ranges(a, validation, 'PASS')
      return done + (await ranges(a, validation, 'DIFF_CORRECTED')) === SPLITS
    },
    120_000,
  )
}, 300_000)
