/**
 * The commit-log decoder against real servers: random statements on tables of every shape, the log
 * followed while it is written, and the replayed state compared with SELECT, cell by cell, by raw
 * bytes, write time and expiry. The schema of the tables is learned from the log alone.
 * Starts a server of its own per release and storage form. COMMITLOG_STATEMENTS sets the amount,
 * COMMITLOG_SEED the sequence.
 */
import type { Client } from 'cassandra-driver'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CqlLink } from '../../scripts/golden/cql-link.ts'
import type { Mutation, TableSchema } from '../../src/commitlog/index.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.ts'
import { CommitLogFollower, loadSchema } from '../support/commit-log-follower.ts'
import { TABLES, Workload } from '../support/commit-log-workload.ts'
import { connectClient } from '../support/keyspace.ts'
import { ReplayedTable } from '../support/replayed-table.ts'
import { differences, selectRows } from '../support/select-rows.ts'

const STATEMENTS = Number(process.env['COMMITLOG_STATEMENTS'] ?? '2500')
const SEED = Number(process.env['COMMITLOG_SEED'] ?? 20_261)
const KEYSPACE = 'logged'
const IN_FLIGHT = 16
const SYSTEM = ['system', 'system_schema', 'system_auth', 'system_distributed', 'system_traces']

interface Form {
  readonly title: string
  readonly version: number
  readonly options: SandboxOptions
}

const compressed = (name: string): SandboxOptions => ({
  commitlogSync: 'batch',
  yaml: { commitlog_compression: [{ class_name: name }] },
})

const FORMS: readonly Form[] = [
  { title: '5.0 plain', version: 8, options: { cassandra: '5.0' } },
  {
    title: '5.0 in mode CASSANDRA_4, LZ4',
    version: 7,
    options: {
      ...compressed('LZ4Compressor'),
      ...{ cassandra: '5.0', storageCompatibilityMode: 'CASSANDRA_4' },
    },
  },
  {
    title: '4.1, Zstd',
    version: 7,
    options: { ...compressed('ZstdCompressor'), cassandra: '4.1' },
  },
  { title: '4.0 plain', version: 7, options: { cassandra: '4.0' } },
]

describe.each(FORMS)('Cassandra $title', ({ version, options }) => {
  let sandbox: Sandbox | undefined
  let client: Client | undefined
  let link: CqlLink | undefined
  let follower: CommitLogFollower | undefined
  const states = new Map<string, ReplayedTable>()

  function stateOf(id: string): ReplayedTable {
    let state = states.get(id)
    if (state === undefined) {
      state = new ReplayedTable()
      states.set(id, state)
    }
    return state
  }

  function visit(mutation: Mutation): void {
    for (const update of mutation.updates) {
      const { schema } = update.table
      if (schema.keyspace === KEYSPACE) stateOf(schema.id).apply(mutation, update)
    }
  }

  beforeAll(async () => {
    sandbox = await startSandbox({ kafka: false, heapMb: 768, ...options })
    const cassandra = sandbox.description.cassandra!
    client = await connectClient(cassandra)
    link = await CqlLink.open({
      host: cassandra.contactPoints[0]!,
      port: cassandra.port,
      version: 5,
    })
    follower = new CommitLogFollower(cassandra.nodes[0]!.cdcRawDir, visit)
    await loadSchema(follower.catalog, client, SYSTEM)
  })

  afterAll(async () => {
    await follower?.close()
    link?.close()
    await client?.shutdown()
    await sandbox?.stop()
  })

  async function run(statement: string): Promise<void> {
    await client!.execute(statement).catch((error: unknown) => {
      // A contended transaction may time out; whatever came of it is in the log and in the table.
      if (statement.includes('IF NOT EXISTS')) return
      throw new Error(`${String(error)}\n${statement}`)
    })
  }

  /** Runs random statements while the log is followed. */
  async function write(workload: Workload, count: number): Promise<void> {
    let left = count
    const lane = async () => {
      while (left-- > 0) await run(workload.statement())
    }
    let isDone = false
    const follow = async () => {
      while (!isDone) {
        await follower!.look()
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    const lanes = Promise.all(Array.from({ length: IN_FLIGHT }, lane)).finally(() => {
      isDone = true
    })
    await Promise.all([lanes, follow()])
  }

  function tableNamed(name: string): TableSchema {
    const all = follower!.catalog.tables()
    return all.find(table => table.keyspace === KEYSPACE && table.name === name)!
  }

  /** Waits until a row that is written now has come through the log. */
  async function catchUp(key: number): Promise<void> {
    await run(`INSERT INTO ${KEYSPACE}.sentinel (k) VALUES (${key})`)
    await expect
      .poll(
        async () => {
          await follower!.look()
          const table = tableNamed('sentinel')
          return table === undefined ? 0 : stateOf(table.id).visible(table, []).size
        },
        { timeout: 20_000, interval: 50 },
      )
      .toBe(key)
  }

  it(
    `replays to what SELECT gives, seed ${SEED}`,
    async () => {
      const workload = new Workload(SEED, options.cassandra === '5.0')
      const replication = `{'class': 'SimpleStrategy', 'replication_factor': 1}`
      await run(`CREATE KEYSPACE ${KEYSPACE} WITH replication = ${replication}`)
      await run(`USE ${KEYSPACE}`)
      for (const statement of workload.ddl()) await run(statement)
      await run('CREATE TABLE sentinel (k int PRIMARY KEY) WITH cdc = true')
      await run('INSERT INTO gone (k, v) VALUES (1, 2)')
      for (let k = 0; k < 10; k++) await run(`INSERT INTO emptied (k, v) VALUES (${k}, 1)`)
      await write(workload, STATEMENTS / 2)
      await catchUp(1)
      const gone = tableNamed('gone')
      const emptied = tableNamed('emptied')
      expect(stateOf(gone.id).visible(gone, []).size).toBe(1)
      expect(stateOf(emptied.id).visible(emptied, []).size).toBe(10)

      await run('TRUNCATE emptied')
      await run('DROP TABLE gone')
      await run('ALTER TABLE altered ADD c frozen<list<int>>')
      await run('UPDATE altered SET c = [1] WHERE k = 1')
      await run('ALTER TABLE altered DROP c')
      await run('ALTER TYPE address ADD zip text')
      await run("UPDATE every SET u = {zip: 'z'} WHERE p = 'p0' AND q = 0 AND c1 = 0 AND c2 = '0'")
      await write(workload, STATEMENTS / 2)
      await run("DELETE n FROM counts WHERE k = 0 AND c = '0'")
      await run("DELETE FROM counts WHERE k = 1 AND c = '1'")
      await run('DELETE FROM counts WHERE k = 2')
      await catchUp(2)

      expect(follower!.problems).toEqual([])
      expect([...follower!.versions]).toEqual([version])
      expect(follower!.truncations.map(one => one.tableId)).toContain(emptied.id)
      expect(follower!.catalog.failures.size).toBe(0)
      expect(tableNamed('gone')).toBeUndefined()
      expect(follower!.catalog.tableById(gone.id)).toEqual(gone)
      expect(tableNamed('altered').droppedColumns).toMatchObject([{ name: 'c', isStatic: false }])
      stateOf(emptied.id).clear()

      const hasElementTimes = options.cassandra === '5.0'
      for (const { name, descending } of TABLES) {
        const table = tableNamed(name)
        expect(table.isCdc).toBe(name !== 'twin')
        expect(table.isCounter).toBe(name === 'counts')
        const replayed = stateOf(table.id).visible(table, descending)
        const selected = await selectRows(link!, table, { keyspace: KEYSPACE, hasElementTimes })
        expect([name, ...differences(replayed, selected)]).toEqual([name])
        if (name !== 'emptied') expect([name, selected.size > 0]).toEqual([name, true])
      }
      expect(follower!.mutations).toBeGreaterThan(STATEMENTS * 0.9)
      expect(follower!.joint).toBeGreaterThan(STATEMENTS / 200)
    },
    60_000 + STATEMENTS * 20,
  )
})
