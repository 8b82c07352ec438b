/**
 * A bulk copy killed again and again, and a target that stands still: the same command goes on until
 * everything is there, nothing twice, nothing missing. And what must not go on: the same copy twice at
 * once, a copy of a table that was truncated meanwhile.
 * Spec: live-migration 2.7 (TRUNCATE), 3.7 and acceptance "Copy" 1.
 */
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MigrationScene } from '../support/migration.ts'

let scene: MigrationScene
const ROWS = 4_000
const T0 = 1_700_000_000_000_000

beforeAll(async () => {
  scene = await MigrationScene.open()
  await scene.both(
    'CREATE TABLE ks.ledger (id int, c int, v text, l list<int>, PRIMARY KEY (id, c))',
  )
  const { client, name } = scene.source
  const cql = `INSERT INTO ${name}.ledger (id, c, v, l) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`
  for (let first = 0; first < ROWS; first += 200) {
    const rows = Array.from({ length: 200 }, (_, i) => first + i)
    await Promise.all(
      rows.map(i => client.execute(cql, [i % 900, i, `v${i}`, [i, 1], T0 + i], { prepare: true })),
    )
  }
})
afterAll(async () => {
  await scene?.close()
})

const SELECT = { keys: 2, selectors: ['id', 'c', 'v', 'l', 'writetime(v)'] }

describe('resume', () => {
  it('kill -9 at any moment leaves a copy that the same command completes', async () => {
    const args = ['--table', 'ledger', '--splits', '60', '--page-size', '50', '--read-rate', '2500']
    const statuses: string[][] = []
    let code: number | null = null
    for (let turn = 0; code === null && turn < 12; turn++) {
      const child = scene.spawn('migrate', ...args)
      let isGone = false
      const ended = new Promise<number | null>(resolve =>
        child.once('exit', exitCode => {
          isGone = true
          resolve(exitCode)
        }),
      )
      // Killed when some ranges are done, but not all.
      const before = passed()
      while (!isGone && passed() < before + 12) await sleep(20)
      if (turn < 4) child.kill('SIGKILL')
      code = await ended
      statuses.push([String(code), String(passed())])
    }
    expect(code, JSON.stringify(statuses)).toBe(0)
    expect(statuses.filter(([one]) => one === 'null').length).toBeGreaterThanOrEqual(3)
    const source = await scene.rows('source', 'ledger', SELECT)
    expect(source.size).toBe(ROWS)
    const target = await scene.rows('target', 'ledger', SELECT)
    expect(target.size).toBe(ROWS)
    for (const [key, cells] of source) expect([key, target.get(key)]).toEqual([key, cells])
  })

  it('SIGINT ends cleanly with exit code 4, and the rest follows', async () => {
    await scene.on('target', 'TRUNCATE ks.ledger')
    const args = ['--table', 'ledger', '--splits', '40', '--page-size', '50', '--read-rate', '2500']
    const before = lastRun()
    const child = scene.spawn('migrate', ...args, '--restart')
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
    let out = ''
    child.stdout!.on('data', text => {
      out += text
    })
    while (passed(before + 1) < 8) await sleep(20)
    child.kill('SIGINT')
    expect(await ended).toBe(4)
    const first = Number(/^Written: (\d+)$/m.exec(out)?.[1])
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(ROWS)
    const rest = await scene.run('migrate', '--table', 'ledger')
    expect(rest.code).toBe(0)
    expect(rest.counts['Written']).toBeLessThan(ROWS)
    expect((await scene.rows('target', 'ledger', SELECT)).size).toBe(ROWS)
  })
})

describe('what must not go on', () => {
  it('the same copy twice at once, and one whose table was truncated meanwhile', async () => {
    const report = ['--report', scene.file('refused.jsonl')]
    const args = ['--table', 'ledger', '--splits', '40', '--page-size', '50', ...report]
    const before = lastRun()
    const child = scene.spawn('migrate', ...args, '--read-rate', '2500', '--restart')
    const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
    while (passed(before + 1) < 4) await sleep(20)
    child.kill('SIGSTOP')
    const lastError = () => scene.lines('refused.jsonl').at(-1)?.error
    expect((await scene.run('migrate', ...args)).code).toBe(3)
    expect(lastError()).toMatch(/the same run .* is under way/)
    await scene.on('target', 'TRUNCATE ks.ledger')
    child.kill('SIGCONT')
    expect(await ended).toBe(3)
    expect(lastError()).toMatch(/truncated on the target/)
    // What was done is gone: the rest alone would not be a copy.
    expect((await scene.run('migrate', ...args)).code).toBe(3)
    const anew = await scene.run('migrate', ...args, '--restart')
    expect(anew).toMatchObject({ code: 0, counts: { Written: ROWS } })
    expect((await scene.rows('target', 'ledger', SELECT)).size).toBe(ROWS)
  })
})

/** Ranges that are done of the last run, which is `run` or a later one. */
function passed(run = 0): number {
  const sql = `SELECT count(*) AS n FROM range WHERE status = 'PASS' AND run_id = (SELECT max(run_id) FROM run WHERE run_id >= ${run})`
  return query(sql)
}

function lastRun(): number {
  return query('SELECT max(run_id) AS n FROM run')
}

function query(sql: string): number {
  try {
    const db = new DatabaseSync(scene.file('state.sqlite'), { readOnly: true })
    try {
      return (db.prepare(sql).get() as { n: number }).n
    } finally {
      db.close()
    }
  } catch {
    return 0 // not there yet
  }
}
