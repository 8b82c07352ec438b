/**
 * Every table of Backlog in a real Cassandra beside the dump of the stand-in: columns, types and keys as
 * the specification has them, all rows of a full load, what later runs find, refusals, and the requests
 * that they take.
 */
import { afterEach, describe, expect, it } from 'vitest'
import type { JobInfo, RunInfo } from '../../src/api-v1.ts'
import { dumpOf } from '../../src/demo/index.ts'
import { EXPECTED } from '../support/backlog-tables.ts'
import { type ExpectedTable, expectedValue } from '../support/backlog-values.ts'
import { Replication } from '../support/replication.ts'

const DAY_MS = 86_400_000
/** Its values move with every request. */
const MOVING = 'RateLimits'
const TABLES = [...Object.keys(EXPECTED), MOVING].sort()

let replication: Replication

afterEach(async () => await replication.close())

/** A space with a bit of everything, at a time of its own. */
async function open(): Promise<{ clock: { ms: number } }> {
  const clock = { ms: Date.now() }
  const endMs = clock.ms - 30 * DAY_MS
  const options = { projects: 2, issues: 60, users: 3, endMs, now: () => clock.ms }
  replication = await Replication.open(options)
  const { space } = replication.standIn
  space.updateIssue(880_001, { summary: 'changed', categoryIds: [] })
  space.deleteIssue(880_002)
  space.addComment(880_003, 'silent', false)
  space.addIssue({ summary: 'new' })
  space.contents.addPull(101, 1015)
  space.contents.commentPull({ repository: 1015, number: 2 }, 'me too')
  return { clock }
}

async function makeJob(tables: readonly string[]): Promise<JobInfo> {
  const tasks = tables.map(table => ({ table }))
  return await replication.job({ tasks, settings: { systemColumns: false } })
}

function statesOf(run: RunInfo): Readonly<Record<string, string>> {
  return Object.fromEntries(
    run.tasks.map(one => [one.table, [one.state, one.error, ...one.warnings].join(' ').trim()]),
  )
}

function toSnake(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}

const columnsOf = ({ columns }: ExpectedTable) =>
  columns.split(', ').map(one => {
    const [name = '', type = ''] = one.split(' ')
    return { name, cql: type.replace('(json)', ''), isJson: type.endsWith('(json)') }
  })

/** As `SELECT JSON` prints it. */
function printed(value: unknown, { cql, isJson }: { cql: string; isJson: boolean }): unknown {
  if (value === null || value === undefined) return null
  if (isJson) return typeof value === 'string' ? value : JSON.stringify(value)
  if (cql === 'timestamp') return `${String(value).slice(0, 19).replace('T', ' ')}.000Z`
  if (cql === 'date') return String(value).slice(0, 10)
  if (Array.isArray(value)) return value.length === 0 ? null : value
  return cql === 'text' ? String(value) : value
}

/** The rows of a table as text, sorted, and those of the dump. */
async function bothOf(name: string): Promise<{ found: string[]; wanted: string[] }> {
  const table = EXPECTED[name]!
  const columns = columnsOf(table)
  const { keyspace, standIn } = replication
  const { rows } = await keyspace.client.execute(
    `SELECT JSON * FROM ${keyspace.name}.${toSnake(name)}`,
    [],
    { fetchSize: 5_000 },
  )
  const text = (row: Readonly<Record<string, unknown>>) =>
    JSON.stringify(columns.map(one => [one.name, row[toSnake(one.name)] ?? null]))
  const around: Readonly<Record<string, unknown>> = { SpaceKey: 'acme', UserId: 40_001 }
  const wanted = table.rows(dumpOf(standIn.space)).map(({ payload, by }) => {
    const row = { payload, by: { ...by, origin: standIn.url } }
    const cells = columns.map(one => [
      toSnake(one.name),
      printed(expectedValue(table, one.name, row) ?? around[one.name], one),
    ])
    return text(Object.fromEntries(cells))
  })
  return { found: rows.map(row => text(JSON.parse(row['[json]']))).sort(), wanted: wanted.sort() }
}

async function expectTables(names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (name === MOVING) continue
    const { found, wanted } = await bothOf(name)
    const [own, other] = [new Set(found), new Set(wanted)]
    const apart = {
      extra: found.filter(one => !other.has(one)).slice(0, 2),
      missing: wanted.filter(one => !own.has(one)).slice(0, 2),
    }
    expect(apart, name).toEqual({ extra: [], missing: [] })
    expect(found.length, name).toBe(wanted.length)
  }
}

/** Columns, types and key as Cassandra has them. */
async function shapeOf(table: string): Promise<{ columns: Record<string, string>; key: string }> {
  const { keyspace } = replication
  const { rows } = await keyspace.client.execute(
    'SELECT column_name, type, kind, position, clustering_order FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ?',
    [keyspace.name, table],
  )
  const of = (kind: string) =>
    rows
      .filter(row => row['kind'] === kind)
      .sort((a, b) => a['position'] - b['position'])
      .map(row => String(row['column_name']))
  const isFalling = rows.some(row => row['clustering_order'] === 'desc')
  const key = [`(${of('partition_key').join(', ')})`, ...of('clustering')].join(', ')
  return {
    columns: Object.fromEntries(rows.map(row => [row['column_name'], row['type']])),
    key: `(${key})${isFalling ? ' desc' : ''}`,
  }
}

describe('all tables', () => {
  it('have the columns, keys and rows of the space, and later runs find what changed', async () => {
    const { clock } = await open()
    const job = await makeJob(TABLES)
    const first = await replication.run(job)
    expect(statesOf(first)).toEqual(Object.fromEntries(TABLES.map(name => [name, 'SUCCESS'])))
    for (const name of TABLES.filter(one => one !== MOVING)) {
      const table = EXPECTED[name]!
      const columns = columnsOf(table).map(one => [toSnake(one.name), one.cql])
      const wanted = { columns: Object.fromEntries(columns), key: table.key }
      expect(await shapeOf(toSnake(name)), name).toEqual(wanted)
    }
    await expectTables(TABLES)
    const limits = await replication.rows('SELECT space_key, class FROM rate_limits')
    expect(limits).toEqual(['acme icon', 'acme read', 'acme search', 'acme update'])

    const again = await replication.run(job)
    const written = again.tasks.filter(one => one.rows.inserted + one.rows.updated > 0)
    expect(written.map(one => one.table).filter(one => one !== MOVING)).toEqual([])
    expect(again.rows.deleted).toBe(0)
    expect(again.requests.sent).toBeLessThan(first.requests.sent / 2)

    clock.ms = Date.now()
    const { space } = replication.standIn
    const { contents } = space
    space.updateIssue(880_004, { assigneeId: 40_002, milestoneIds: [] })
    space.addComment(880_005, 'silent', false)
    space.deleteIssue(880_030)
    contents.editWiki(10_101, '# New')
    space.wikiPatches.set(10_203, null)
    const [document, , child] = contents.documentsOf(101).map(one => String(one.payload['id']))
    contents.editDocument(child!, 'new text')
    contents.trashDocument(contents.documentsOf(102).map(one => String(one.payload['id']))[0]!)
    contents.editDocument(document!, 'new too')
    contents.addPull(102, 1025)
    contents.commentPull({ repository: 1015, number: 4 }, 'late')
    contents.editPull({ repository: 1016, number: 1 }, { summary: 'other' })
    contents.addStar(40_002)
    contents.addNotification()
    contents.readNotification(30)
    expect(statesOf(await replication.run(job))).toEqual(statesOf(first))
    await expectTables(TABLES)
  }, 300_000)
})

describe('refusals', () => {
  it('are warnings, and delete nothing', async () => {
    await open()
    const tables = ['Users', 'Licenses', 'Webhooks', 'WikiPages', 'Groups', 'ProjectSharedFiles']
    const job = await makeJob([...tables, 'UserReceivedStars'])
    expect((await replication.run(job)).state).toBe('SUCCESS')
    const counts = async () =>
      await Promise.all(tables.map(one => replication.rows(`SELECT count(*) FROM ${toSnake(one)}`)))
    const before = await counts()
    const { space, faults } = replication.standIn
    space.hasGroups = false
    for (const [path, backlogCode] of [
      [/^users$/, 5],
      [/^space\/licence$/, 2],
      [/^projects\/102\/webhooks$/, 5],
      [/^wikis$/, 2],
      [/metadata\/design$/, 5],
      [/^users\/40002\/stars$/, 5],
    ] as const)
      faults.push({ path, action: 'status', status: 403, backlogCode, times: 1_000 })
    const refused = await replication.run(job, { mode: 'full' })
    expect(refused).toMatchObject({ state: 'WARNING', rows: { deleted: 0 } })
    expect([...new Set(refused.tasks.map(one => one.state))]).toEqual(['WARNING'])
    expect(await counts()).toEqual(before)
    faults.length = 0
    space.hasGroups = true
    expect((await replication.run(job)).state).toBe('SUCCESS')
    expect(await counts()).toEqual(before)
  }, 120_000)
})

describe('custom fields', () => {
  it('are columns of issues, those that come later too', async () => {
    await open()
    const { space } = replication.standIn
    const options = { customFields: true }
    const task = { table: 'Issues', options }
    const job = await replication.job({ tasks: [task], settings: { systemColumns: false } })
    expect((await replication.run(job)).state).toBe('SUCCESS')
    const { columns } = await shapeOf('issues')
    expect(columns).toMatchObject({
      ...{ note: 'text', cf_1012: 'text', due_at_customer: 'date', team: 'text', ports: 'decimal' },
      ...{ affected_site: 'list<text>', risk: 'text', checks: 'list<text>', note_1021: 'text' },
    })
    type Field = { id: number; value: unknown }
    const expectFields = async (names: Readonly<Record<string, number>>) => {
      const { keyspace } = replication
      const { rows } = await keyspace.client.execute(
        `SELECT JSON id, ${Object.keys(names).join(', ')} FROM ${keyspace.name}.issues`,
      )
      const found = rows.map(row => JSON.parse(row['[json]']) as Record<string, unknown>)
      const plain = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.length === 0 ? null : value.map(plain)
        return (value as { name?: unknown } | null)?.name ?? value ?? null
      }
      for (const row of found) {
        const issue = space.issues.get(Number(row['id']))!
        const fields = space.render(issue)['customFields'] as unknown as Field[]
        const wanted = Object.entries(names).map(([name, id]) => [
          name,
          plain(fields.find(one => one.id === id)?.value),
        ])
        const { id, ...own } = row
        expect(own, String(id)).toEqual(Object.fromEntries(wanted))
      }
      expect(found.length).toBe(space.issues.size)
    }
    const names = {
      ...{ note: 1011, cf_1012: 1012, due_at_customer: 1014, team: 1015, affected_site: 1016 },
      ...{ ports: 1017, risk: 1018, checks: 1019, note_1021: 1021, ports_1027: 1027 },
    }
    await expectFields(names)
    expect((await replication.run(job)).rows).toMatchObject({ inserted: 0, updated: 0 })

    space.addedFields.push({ id: 5001, projectId: 101, typeId: 1, name: 'Invoice no.' })
    space.updateIssue(880_004, {
      extra: { customFields: [{ id: 5001, fieldTypeId: 1, name: 'Invoice no.', value: 'A-1' }] },
    })
    const next = await replication.run(job)
    expect(next.state).toBe('SUCCESS')
    expect(next.schemaChanges.join()).toContain('ADD invoice_no text')
    await expectFields({ ...names, invoice_no: 5001 })
  }, 120_000)

  it('are refused where there are none', async () => {
    await open()
    const job = await makeJob(['Issues'])
    const draft = { table: 'Projects', options: { customFields: true } }
    await expect(replication.replicator.addTasks(job.id, [draft])).rejects.toThrow(
      /only Issues of Backlog/,
    )
    const shown = await replication.replicator.columns(job.source, 'Issues')
    const fields = shown.filter(one => one.name.startsWith('cf_'))
    expect(fields.length).toBe(16)
    expect(fields.every(one => !one.default.on)).toBe(true)
  })
})
