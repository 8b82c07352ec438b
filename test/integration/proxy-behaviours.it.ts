/**
 * The behaviours of a correct dual-write proxy, one test for each line of
 * docs/internals/proxy-behaviours.md: on two real clusters where meaning counts, on two scripted
 * servers where a cluster must be held, cut or made to refuse.
 * Invariant: the page and the lists in test/support/proxy-behaviours name the same behaviours.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Behaviour, BehaviourScene } from '../support/proxy-behaviours/behaviour.ts'
import { FAILURES } from '../support/proxy-behaviours/failures.ts'
import { FRAMES } from '../support/proxy-behaviours/frames.ts'
import { FUNCTIONS } from '../support/proxy-behaviours/functions.ts'
import { LIMITS } from '../support/proxy-behaviours/limits.ts'
import { LOGINS } from '../support/proxy-behaviours/login.ts'
import { PREPARED } from '../support/proxy-behaviours/prepared.ts'
import { READS } from '../support/proxy-behaviours/reads.ts'
import { dropOthers, SCHEMA } from '../support/proxy-behaviours/schema.ts'
import { UNWAITED_WRITES } from '../support/proxy-behaviours/unwaited.ts'
import { VERSIONS } from '../support/proxy-behaviours/versions.ts'
import { WRITES } from '../support/proxy-behaviours/writes.ts'

const LISTS: readonly (readonly [string, readonly Behaviour[]])[] = [
  ['versions, OPTIONS, compression', VERSIONS],
  ['logins', LOGINS],
  ['frames and segments', FRAMES],
  ['prepared statements', PREPARED],
  ['write times, batches, conditions', WRITES],
  ['functions', FUNCTIONS],
  ['reads', READS],
  ['schema, nodes, events', SCHEMA],
  ['failures', FAILURES],
  ['writes that are not waited for', UNWAITED_WRITES],
  ['limits', LIMITS],
]
const PAGE = new URL('../../docs/internals/proxy-behaviours.md', import.meta.url)

let scene: BehaviourScene

beforeAll(async () => {
  scene = await BehaviourScene.open()
})

afterEach(() => scene?.closeLinks())

afterAll(async () => {
  await dropOthers(scene)
  await scene[Symbol.asyncDispose]()
})

for (const [name, list] of LISTS) {
  describe(name, () => {
    it.each(list)('$id $what', async ({ run }) => await run(scene))
  })
}

it('the page names every behaviour, and no other', () => {
  const lines = readFileSync(fileURLToPath(PAGE), 'utf8').split('\n')
  const named = lines.flatMap(line => {
    const cells = /^\| ([A-Z]\d+) \| (.+) \|$/.exec(line)
    return cells === null ? [] : [`${cells[1]} ${cells[2]}`]
  })
  expect(named).toEqual(LISTS.flatMap(([, list]) => list.map(one => `${one.id} ${one.what}`)))
})
