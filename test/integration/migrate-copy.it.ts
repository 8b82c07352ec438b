/**
 * Bulk copy between two real clusters: every type, every shape of table, write times and TTLs cell by
 * cell, lists copied twice, counters, filters, names, conversions, rejects and rates.
 * Spec: live-migration 3 and acceptance "Copy" 3 to 6.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UDT_FIELDS, UDT_NAME, VALUE_CASES } from '../golden/cql-value-cases.ts'
import { freePort } from '../support/free-port.ts'
import { testCassandra } from '../support/keyspace.ts'
import { MigrationScene } from '../support/migration.ts'
import { until } from '../support/standalone.ts'

let scene: MigrationScene

beforeAll(async () => {
  scene = await MigrationScene.open()
})
afterAll(async () => {
  await scene?.close()
})

const T0 = 1_700_000_000_000_000

/** Both sides hold the same cells. */
async function expectSame(
  table: string,
  select: { readonly keys: number; readonly selectors: readonly string[] },
): Promise<number> {
  const source = await scene.rows('source', table, select)
  const target = await scene.rows('target', table, select)
  expect(Object.fromEntries(target)).toEqual(Object.fromEntries(source))
  return source.size
}

describe('values', () => {
  it('copies every type byte by byte, with its write time', async () => {
    const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
    const fields = UDT_FIELDS.map(([name, type]) => `${quoted(name)} ${type}`).join(', ')
    const columns = VALUE_CASES.map(([type], i) => `c${i} ${type}`).join(', ')
    await scene.both(
      `CREATE TYPE ks.${quoted(UDT_NAME)} (${fields})`,
      `CREATE TABLE ks.every_type (id int PRIMARY KEY, ${columns})`,
    )
    let row = 0
    for (const [i, [, cases]] of VALUE_CASES.entries()) {
      for (const { literal } of cases) {
        row += 1
        await scene.on(
          'source',
          `INSERT INTO ks.every_type (id, c${i}) VALUES (${row}, ${literal}) USING TIMESTAMP ${T0 + row}`,
        )
      }
    }
    const done = await scene.run('migrate', '--table', 'every_type')
    expect(done).toMatchObject({ code: 0, counts: { Read: row, Written: row, Rejected: 0 } })
    const times = VALUE_CASES.flatMap(([type], i) => {
      const isList = type.startsWith('list<')
      return isList ? [`c${i}`] : [`c${i}`, `writetime(c${i})`]
    })
    expect(await expectSame('every_type', { keys: 1, selectors: ['id', ...times] })).toBe(row)
  })

  it('keeps the write time and TTL of every cell and element', async () => {
    await scene.both(
      'CREATE TYPE ks.addr (street text, zip int)',
      `CREATE TABLE ks.shapes (id int, c int, s text static, sm map<text, int> static, name text,
        age int, tags set<text>, m map<text, int>, f frozen<list<int>>, u addr,
        PRIMARY KEY (id, c)) WITH default_time_to_live = 90000`,
    )
    const rows = 60
    for (let i = 0; i < rows; i++) {
      const id = i % 20
      await scene.on(
        'source',
        `INSERT INTO ks.shapes (id, c, s, sm, name, age, tags, m, f, u) VALUES (${id}, ${i}, 's${id}',
          {'k': 1}, 'n${i}', ${i}, {'a', 'b'}, {'x': 1}, [3, 4], {street: 'q', zip: ${i}})
          USING TIMESTAMP ${T0 + i} AND TTL 0`,
      )
      if (i % 3 !== 0) continue
      await scene.on(
        'source',
        `UPDATE ks.shapes USING TIMESTAMP ${T0 + 1000 + i} AND TTL 50000 SET age = ${i + 1},
          tags = tags + {'c'}, m['y'] = 2, u.zip = 7, sm['z'] = ${i} WHERE id = ${id} AND c = ${i}`,
      )
    }
    await scene.on(
      'source',
      'INSERT INTO ks.shapes (id, c) VALUES (1000, 1) USING TTL 0',
      "INSERT INTO ks.shapes (id, c, name) VALUES (1001, 1, '') USING TTL 0",
      `INSERT INTO ks.shapes (id, s) VALUES (1002, 'alone') USING TIMESTAMP ${T0} AND TTL 0`,
      `UPDATE ks.shapes USING TIMESTAMP ${T0} AND TTL 40000 SET name = 'x' WHERE id = 1003 AND c = 1`,
    )
    const done = await scene.run('migrate', '--table', 'shapes', '--splits', '7')
    expect(done).toMatchObject({ code: 0, counts: { Read: rows + 4, Written: rows + 4 } })
    const names = ['s', 'sm', 'name', 'age', 'tags', 'm', 'f', 'u']
    const selectors = ['id', 'c', ...names.flatMap(name => [name, `writetime(${name})`])]
    expect(await expectSame('shapes', { keys: 2, selectors })).toBe(rows + 4)
    const ttls = { keys: 2, selectors: ['id', 'c', 'ttl(name)', 'ttl(age)'] }
    const target = await scene.rows('target', 'shapes', ttls)
    for (const [key, cells] of await scene.rows('source', 'shapes', ttls)) {
      for (const [i, cell] of cells.entries()) {
        const other = target.get(key)?.[i] ?? '?'
        if (cell === '-') expect(other).toBe('-')
        else expect(Math.abs(Number(`0x${other}`) - Number(`0x${cell}`))).toBeLessThanOrEqual(2)
      }
    }
    expect(await scene.run('validate', '--table', 'shapes', '--compare-timestamps')).toMatchObject({
      code: 0,
      counts: { Valid: rows + 4, Mismatch: 0, Missing: 0, Extra: 0 },
    })
  })

  it('lists from before dual writing keep their write times exactly, once', async () => {
    await scene.both('CREATE TABLE ks.exact (id int PRIMARY KEY, l list<int>)')
    for (let i = 0; i < 30; i++) {
      const insert = `INSERT INTO ks.exact (id, l) VALUES (${i}, [${i}, 2]) USING TIMESTAMP ${T0 + i}`
      await scene.on('source', insert)
    }
    const dual = ['--table', 'exact', '--dual-writes-since', String(T0 + 20)]
    expect(await scene.run('migrate', ...dual)).toMatchObject({ code: 0 })
    const values = { keys: 1, selectors: ['id', 'l'] }
    const times = { keys: 1, selectors: ['id', 'writetime(l)'] }
    await expectSame('exact', values)
    const [source, target] = await Promise.all([
      scene.rows('source', 'exact', times),
      scene.rows('target', 'exact', times),
    ])
    const same = [...source].filter(([key, cells]) => target.get(key)?.[0] === cells[0])
    expect(same).toHaveLength(20)
    // They are on the target now: the same again would append.
    expect(await scene.run('migrate', ...dual)).toMatchObject({ code: 0 })
    await expectSame('exact', values)
  })

  it('lists stay as they are when they are copied again and again', async () => {
    await scene.both('CREATE TABLE ks.lists (id int PRIMARY KEY, l list<int>, t text)')
    for (let i = 0; i < 40; i++) {
      const insert = `INSERT INTO ks.lists (id, l, t) VALUES (${i}, [${i}, 2], 't') USING TIMESTAMP ${T0 + i}`
      await scene.on('source', insert)
      // As a dual write would have done it, at the same time.
      if (i % 2 === 0) await scene.on('target', insert)
      if (i % 5 === 0) await scene.on('source', `UPDATE ks.lists SET l = l + [9] WHERE id = ${i}`)
    }
    const selectors = ['id', 'l', 't', 'writetime(t)']
    for (let copy = 0; copy < 3; copy++) {
      expect(await scene.run('migrate', '--table', 'lists')).toMatchObject({ code: 0 })
      await expectSame('lists', { keys: 1, selectors })
    }
    // Parts of the table and other options are runs of their own, and write the same lists.
    for (const more of [
      ['--token-max', '0'],
      ['--token-min', '-5'],
      ['--row-timestamp', 'max'],
    ]) {
      expect(await scene.run('migrate', '--table', 'lists', ...more)).toMatchObject({ code: 0 })
      await expectSame('lists', { keys: 1, selectors: ['id', 'l', 't'] })
    }
  })

  it('backdates everything on request, and live writes win', async () => {
    await scene.both('CREATE TABLE ks.back (id int PRIMARY KEY, a text, b int)')
    for (let i = 0; i < 30; i++) {
      await scene.on('source', `INSERT INTO ks.back (id, a, b) VALUES (${i}, 'a${i}', ${i})`)
    }
    await scene.on(
      'target',
      "UPDATE ks.back SET a = 'live' WHERE id = 3",
      'DELETE FROM ks.back WHERE id = 4',
    )
    const at = T0 + 5
    const done = await scene.run('migrate', '--table', 'back', '--writetime', `backdate=${at}`)
    expect(done.code).toBe(0)
    const target = await scene.rows('target', 'back', {
      keys: 1,
      selectors: ['id', 'a', 'writetime(b)'],
    })
    expect(target.size).toBe(29)
    expect(target.get('00000003')?.[0]).toBe(Buffer.from('live').toString('hex'))
    expect(new Set([...target.values()].map(cells => BigInt(`0x${cells[1]}`)))).toEqual(
      new Set([BigInt(at)]),
    )
  })

  it('copies counters by difference, also when it is repeated', async () => {
    await scene.both(
      'CREATE TABLE ks.counts (id int, c text, hits counter, size counter, PRIMARY KEY (id, c))',
    )
    for (let i = 0; i < 40; i++) {
      await scene.on(
        'source',
        `UPDATE ks.counts SET hits = hits + ${i} WHERE id = ${i % 7} AND c = 'c${i}'`,
      )
    }
    await scene.on('source', "UPDATE ks.counts SET size = size - 5 WHERE id = 1 AND c = 'c1'")
    await scene.on('target', "UPDATE ks.counts SET hits = hits + 100 WHERE id = 2 AND c = 'c2'")
    const select = { keys: 2, selectors: ['id', 'c', 'hits', 'size'] }
    for (let copy = 0; copy < 2; copy++) {
      expect(await scene.run('migrate', '--table', 'counts')).toMatchObject({ code: 0 })
      const source = await scene.rows('source', 'counts', select)
      const target = await scene.rows('target', 'counts', select)
      for (const [key, cells] of source) expect(target.get(key)?.[0]).toBe(cells[0])
      expect(target.size).toBe(source.size)
    }
  })
})

describe('under live writes', () => {
  it('both sides are equal cell by cell afterwards, deleted rows stay deleted', async () => {
    await scene.both(
      'CREATE TABLE ks.live (id int, c int, v text, n int, tags set<text>, l list<int>, PRIMARY KEY (id, c))',
    )
    const rows = 400
    for (let i = 0; i < rows; i++) {
      await scene.on(
        'source',
        `INSERT INTO ks.live (id, c, v, n, tags, l) VALUES (${i % 40}, ${i}, 'v', ${i}, {'a'}, [1]) USING TIMESTAMP ${T0 + i}`,
      )
    }
    const stop = new AbortController()
    let writes = 0
    // As a proxy writes them: to both sides, at one time.
    const writing = (async () => {
      for (; !stop.signal.aborted; writes++) {
        const i = (writes * 37) % rows
        const at = BigInt(Date.now()) * 1000n + BigInt(writes % 1000)
        const where = `WHERE id = ${i % 40} AND c = ${i}`
        const cql = [
          `UPDATE ks.live USING TIMESTAMP ${at} SET v = 'live${writes}', tags = tags + {'x${writes}'} ${where}`,
          `DELETE FROM ks.live USING TIMESTAMP ${at} ${where}`,
          `INSERT INTO ks.live (id, c, v, l) VALUES (${i % 40}, ${rows + i}, 'new', [7, 8]) USING TIMESTAMP ${at} AND TTL 30000`,
          `UPDATE ks.live USING TIMESTAMP ${at} SET l = [${writes}], n = null ${where}`,
        ][writes % 4]!
        await scene.both(cql)
      }
    })()
    const done = await scene.run(
      'migrate',
      ...['--table', 'live', '--splits', '8', '--page-size', '20', '--read-rate', '200'],
    )
    stop.abort()
    await writing
    expect([done.code, writes > 50]).toEqual([0, true])
    const names = ['v', 'writetime(v)', 'n', 'writetime(n)', 'tags', 'writetime(tags)', 'l']
    await expectSame('live', { keys: 2, selectors: ['id', 'c', ...names] })
    const equal = await scene.run('validate', '--table', 'live', '--compare-timestamps')
    expect(equal.code, equal.out).toBe(0)
  })
})

describe('selection', () => {
  beforeAll(async () => {
    await scene.on(
      'source',
      'CREATE TABLE ks.people (id int PRIMARY KEY, "Full name" text, age int, note text)',
    )
    await scene.on(
      'target',
      'CREATE TABLE ks.persons (id bigint PRIMARY KEY, name text, age text, origin text)',
    )
    for (let i = 0; i < 50; i++) {
      await scene.on(
        'source',
        `INSERT INTO ks.people (id, "Full name", age, note) VALUES (${i}, 'p${i}', ${i % 5}, 'n') USING TIMESTAMP ${T0 + i}`,
      )
    }
  })
  const names = ['--table', 'people', '--target-table', 'persons', '--rename', 'Full name:name']
  const rest = ['--skip-columns', 'note', '--constant', "origin='old'", '--restart']

  it('renames, skips, converts and adds columns; keeps and drops rows', async () => {
    const done = await scene.run(
      'migrate',
      ...names,
      ...rest,
      ...['--exclude', 'age=3', '--writetime-max', String(T0 + 29)],
    )
    expect(done).toMatchObject({ code: 0, counts: { Read: 50, Written: 24, Skipped: 26 } })
    const target = await scene.target.client.execute(`SELECT * FROM ${scene.target.name}.persons`)
    expect(target.rows).toHaveLength(24)
    const row = target.rows.find(one => String(one['id']) === '7')!
    expect([row['name'], row['age'], row['origin']]).toEqual(['p7', '2', 'old'])
  })

  it('rejects what it cannot copy and says so', async () => {
    const done = await scene.run(
      'migrate',
      ...names,
      ...rest,
      ...['--max-field-kb', '1', '--report', scene.file('rejects.jsonl')],
    )
    expect(done.code).toBe(0)
    await scene.on(
      'source',
      `UPDATE ks.people SET "Full name" = '${'x'.repeat(2000)}' WHERE id = 9`,
    )
    const again = await scene.run(
      'migrate',
      ...names,
      ...rest,
      ...['--max-field-kb', '1', '--report', scene.file('rejects.jsonl')],
    )
    expect(again).toMatchObject({ code: 1, counts: { Rejected: 1, Written: 49 } })
    expect(scene.lines('rejects.jsonl')).toMatchObject([
      { kind: 'reject', table: 'people', code: 'SCM_MIGRATE_FIELD_TOO_LARGE', key: { id: 9 } },
    ])
    // A reject that cannot be told is no reject: its range stays open.
    const full = ['--max-field-kb', '1', '--report', '/dev/full']
    expect((await scene.run('migrate', ...names, ...rest, ...full)).code).toBe(3)
    const strict = await scene.run(
      'migrate',
      ...names,
      ...rest,
      '--max-field-kb',
      '1',
      '--max-errors',
      '0',
    )
    expect(strict.code).toBe(2)
  })

  it('makes the schema of a whole keyspace and copies its tables', async () => {
    const other = await MigrationScene.open()
    try {
      await other.on(
        'source',
        'CREATE TYPE ks.pair (a int, b text)',
        'CREATE TABLE ks.one (id int PRIMARY KEY, p frozen<pair>)',
        'CREATE TABLE ks."Two" (id int, c timeuuid, v vector<float, 3>, PRIMARY KEY (id, c)) WITH CLUSTERING ORDER BY (c DESC)',
        "INSERT INTO ks.one (id, p) VALUES (1, {a: 1, b: 'x'})",
        'INSERT INTO ks."Two" (id, c, v) VALUES (1, now(), [1, 2, 3])',
      )
      const done = await other.run('migrate', '--create-schema')
      expect(done).toMatchObject({ code: 0, counts: { Read: 2, Written: 2 } })
      for (const [table, select] of [
        ['one', { keys: 1, selectors: ['id', 'p', 'writetime(p)'] }],
        ['"Two"', { keys: 2, selectors: ['id', 'c', 'v', 'writetime(v)'] }],
      ] as const) {
        const source = await other.rows('source', table, select)
        expect([...(await other.rows('target', table, select))]).toEqual([...source])
      }
    } finally {
      await other.close()
    }
  })

  it.each([
    [['--table', 'nobody'], 3, /no table nobody/],
    [['--table', 'people'], 3, /at the target: expected table "people"/],
    [['--keyspace', 'people', '--target', '127.0.0.1:1'], 3, /--target: .*127\.0\.0\.1:1/],
    [['--target-keyspace', 'system'], 3, /system of the target belongs to its nodes/],
    [['--tables', 'people'], 3, /unknown option '--tables'/],
    [['--ttl', 'perhaps'], 3, /true or false/],
  ])('%j ends with code %i', async (args, code, text) => {
    const done = await scene.run('migrate', ...args)
    expect([done.code, done.err]).toEqual([code, expect.stringMatching(text)])
  })

  it('one table on both sides is refused: nothing to copy, and no proof', async () => {
    const { contactPoints, port } = testCassandra()
    const same = ['--target', `${contactPoints[0]}:${port}`, '--target-keyspace', scene.source.name]
    for (const command of ['migrate', 'validate'] as const) {
      const done = await scene.run(command, ...same, '--table', 'people')
      expect([done.code, done.err]).toEqual([3, expect.stringMatching(/expected two clusters/)])
    }
  })

  it('keeps the rate, and tells its metrics meanwhile', async () => {
    const started = performance.now()
    const rate = ['--splits', '4', '--read-rate', '20', '--concurrency', '2']
    const port = await freePort()
    const running = scene.run('migrate', ...names, ...rest, ...rate, '--metrics-port', String(port))
    const metrics = await until('metrics of rows', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
      const text = (await answer?.text()) ?? ''
      return /copy_rows_total\{job="migrate",outcome="read"\} [1-9]/.test(text) && text
    })
    expect(metrics).toMatch(/^scamander_migrate_done_ratio\{job="migrate"\} [01]/m)
    expect(metrics).toMatch(/^scamander_migrate_range_errors_total\{job="migrate"\} 0$/m)
    const done = await running
    const seconds = (performance.now() - started) / 1000
    expect(done.code).toBe(0)
    // 50 rows at 20 per second, a quarter of a second's burst and the last pages apart.
    expect(seconds).toBeGreaterThan(1.9)
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow()
  })
})
