/**
 * Behaviours of calls that each coordinator would evaluate for itself: replaced by one value for both
 * clusters in texts, prepared statements and batches, or left alone and said so.
 * Spec: live-migration 2.6 (non-deterministic functions).
 */
import { expect } from 'vitest'
import {
  type Behaviour,
  type BehaviourScene,
  expectVoid,
  int,
  prepare,
  queriesOn,
  scripted,
} from './behaviour.ts'

const REPLACING = ['--replace-functions', 'true']
const COLUMNS = 'k, g, a, b, c, d, e'
const ALL = `SELECT ${COLUMNS}, writetime(g) FROM`
let group = 0

/** A number for column g, by which the rows of a case are found. */
function nextGroup(): number {
  group += 1
  return group
}

async function rowsOf(scene: BehaviourScene, g: number, count: number) {
  const query = `${ALL} ${scene.ks}functions WHERE g = ${g} ALLOW FILTERING`
  const [a, b] = await scene.apart(query)
  const sorted = (rows: typeof a) => rows.map(row => JSON.stringify(row)).sort()
  expect(sorted(b)).toEqual(sorted(a))
  expect(a).toHaveLength(count)
  return a
}

const insertOf = (scene: BehaviourScene, columns: string, values: string) =>
  `INSERT INTO ${scene.ks}functions (${columns}) VALUES (${values})`

async function textCase(scene: BehaviourScene, columns: string, values: string) {
  const link = await scene.link(await scene.proxy(...REPLACING))
  const g = nextGroup()
  for (let i = 0; i < 3; i++) {
    expectVoid(await link.query(insertOf(scene, `${columns}, g`, `${values}, ${g}`)))
  }
  return await rowsOf(scene, g, 3)
}

const CURRENT = 'currentTimeUUID(), currentTimestamp(), currentDate(), currentTime()'
const NEWER = 'current_timeuuid(), current_timestamp(), current_date(), current_time()'

const texts: readonly Behaviour[] = [
  {
    id: 'N1',
    what: 'uuid() in a key: a random UUID, the same key on both clusters',
    run: async scene => {
      const rows = await textCase(scene, 'k', 'uuid()')
      expect(String(rows[0]?.['k'])[14]).toBe('4')
    },
  },
  {
    id: 'N2',
    what: 'now() in a key column: the same key on both clusters, fresh for every write',
    run: async scene => {
      const rows = await textCase(scene, 'k, a', 'now(), now()')
      const values = rows.flatMap(row => [row['k'], row['a']])
      expect(new Set(values).size).toBe(6)
      expect(String(values[0])[14]).toBe('1')
    },
  },
  {
    id: 'N3',
    what: 'currentTimestamp() and the like',
    run: async scene => void (await textCase(scene, 'k, a, b, c, d', `uuid(), ${CURRENT}`)),
  },
  {
    id: 'N4',
    what: 'current_timestamp() and the like',
    run: async scene => void (await textCase(scene, 'k, a, b, c, d', `uuid(), ${NEWER}`)),
  },
  {
    id: 'N5',
    what: 'calls inside wrappers, with blanks, comments and in any case',
    run: async scene => {
      const calls = 'UUID ( ), toTimestamp(NOW/* c */()), to_date(now()), toUnixTimestamp(Now())'
      await textCase(scene, 'k, b, c, e', calls)
    },
  },
  {
    id: 'N6',
    what: 'what only looks like a call is left alone: text, comments, SELECT',
    run: async () => {
      await using all = await scripted(REPLACING)
      const client = await all.client()
      const same = [
        "UPDATE ks.t SET v = 'now()' /* uuid() */ WHERE k = 1",
        'SELECT now() FROM ks.t',
      ]
      for (const one of same) await client.query(one)
      await client.query("INSERT INTO ks.t (k, v) VALUES (now(), 'now()')")
      expect(queriesOn(all.source).slice(0, 2)).toEqual(same)
      expect(queriesOn(all.source)[2]).toMatch(/VALUES \(\(timeuuid\)[0-9a-f-]{36}, 'now\(\)'\)/)
      expect(queriesOn(all.target)).toEqual(queriesOn(all.source).filter(one => !/^SEL/.test(one)))
    },
  },
  {
    id: 'N7',
    what: 'UPDATE and DELETE',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const key = `00000000-0000-4000-8000-${String(g).padStart(12, '0')}`
      const set = `a = now(), b = toTimestamp(now()), g = ${g}`
      expectVoid(await link.query(`UPDATE ${scene.ks}functions SET ${set} WHERE k = ${key}`))
      await rowsOf(scene, g, 1)
      expectVoid(await link.query(`DELETE FROM ${scene.ks}functions WHERE k = uuid()`))
      await rowsOf(scene, g, 1)
    },
  },
  {
    id: 'N8',
    what: 'BEGIN BATCH as text',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const one = insertOf(scene, 'k, a, g', `uuid(), now(), ${g}`)
      expectVoid(await link.query(`BEGIN BATCH ${one}; ${one}; APPLY BATCH`))
      await rowsOf(scene, g, 2)
    },
  },
  {
    id: 'N9',
    what: 'conditional writes and JSON values beside calls',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const query = `${insertOf(scene, 'k, a, g', `uuid(), now(), ${g}`)} IF NOT EXISTS`
      expect(await link.query(query)).toMatchObject({ result: 'ROWS' })
      const rows = `SELECT k, a, g FROM ${scene.ks}functions WHERE g = ${g} ALLOW FILTERING`
      await scene.same(rows)
    },
  },
]

const bound: readonly Behaviour[] = [
  {
    id: 'N10',
    what: 'prepared, by position: the client sees its own variables only',
    run: async scene => {
      for (const version of [3, 4, 5] as const) {
        const link = await scene.link(await scene.proxy(...REPLACING), { version })
        const g = nextGroup()
        const insert = await prepare(
          link,
          insertOf(scene, 'a, g, b, k', 'now(), ?, toTimestamp(now()), uuid()'),
        )
        expect(insert.variables.columns.map(one => one.name)).toEqual(['g'])
        for (let i = 0; i < 3; i++) expectVoid(await insert.execute([int(g)]))
        await rowsOf(scene, g, 3)
      }
    },
  },
  {
    id: 'N11',
    what: 'prepared, by name',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const insert = await prepare(link, insertOf(scene, 'k, g, a', 'uuid(), :g, now()'))
      expect(insert.variables.columns.map(one => one.name)).toEqual(['g'])
      expectVoid(await insert.execute([int(g)], { names: ['g'] }))
      expectVoid(await insert.execute([int(g)]))
      await rowsOf(scene, g, 2)
    },
  },
  {
    id: 'N12',
    what: 'a call in the key: the client is told of no partition key, so it routes by none',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const hidden = await prepare(link, insertOf(scene, 'k, g', 'uuid(), ?'))
      expect(hidden.variables.partitionKeyIndexes).toEqual([])
      const shown = await prepare(link, insertOf(scene, 'a, k, g', 'now(), ?, ?'))
      expect(shown.variables.partitionKeyIndexes).toEqual([0])
    },
  },
  {
    id: 'N13',
    what: 'no variable of its own: the values are all added',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const insert = await prepare(link, insertOf(scene, 'k, a, g', `uuid(), now(), ${g}`))
      expect(insert.variables.columns).toEqual([])
      const { preparedId } = insert
      const parameters = { consistency: 1 as const }
      expectVoid((await link.request({ kind: 'EXECUTE', preparedId, parameters })).message)
      await rowsOf(scene, g, 1)
    },
  },
  {
    id: 'N14',
    what: 'children of a BATCH, text and prepared',
    run: async scene => {
      const link = await scene.link(await scene.proxy(...REPLACING))
      const g = nextGroup()
      const insert = await prepare(link, insertOf(scene, 'k, g, a', 'uuid(), ?, now()'))
      const child = { preparedId: insert.preparedId, values: [int(g)] }
      const query = insertOf(scene, 'k, g, a', `uuid(), ${g}, now()`)
      const children = [child, { query, values: [] }, child]
      const batch = { kind: 'BATCH', type: 0, consistency: 1, children } as const
      expectVoid((await link.request(batch)).message)
      await rowsOf(scene, g, 3)
    },
  },
  {
    id: 'N15',
    what: 'not replaced: such writes are counted and warned of, without values',
    run: async scene => {
      const proxy = await scene.proxy()
      const link = await scene.link(proxy)
      const series = 'scamander_proxy_nondeterministic_write_total'
      const before = await proxy.metric(series)
      expectVoid(await link.query(insertOf(scene, 'k, t', "uuid(), 'a secret'")))
      const insert = await prepare(link, insertOf(scene, 'k, t', 'uuid(), ?'))
      expectVoid(await insert.execute([Buffer.from('another')]))
      expect(await proxy.metric(series)).toBeGreaterThanOrEqual(before + 2)
      expect(proxy.logs.join('\n')).toMatch(/the clusters store different values/)
      expect(proxy.logs.join('\n')).not.toMatch(/a secret/)
    },
  },
]

export const FUNCTIONS: readonly Behaviour[] = [...texts, ...bound]
