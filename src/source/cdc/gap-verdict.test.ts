/** Which gaps other replicas heal, and how the book keeps them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Logger } from '../../telemetry/index.ts'
import { GapBook } from './gap-book.ts'
import { type GapFacts, judgeGap, type Reader } from './gap-verdict.ts'
import { CaptureStore } from './state/capture-store.ts'
import type { Gap } from './state/records.ts'

const AT = Date.parse('2024-01-01T12:00:00Z')
const iso = (seconds: number) => new Date(AT + seconds * 1000).toISOString()

const gapOf = (node: string, from: number | null, to: number | null, more = {}): Gap => ({
  ...{ id: node.charCodeAt(0), kind: 'segments', subject: '', node, state: 'suspected' },
  ...{ fromSegment: '5', toSegment: '6', channels: ['c'], seenAt: iso(0), reason: '' },
  ...{ fromTime: from === null ? null : iso(from), toTime: to === null ? null : iso(to) },
  ...more,
})
const reader = (hostId: string, seconds: number | undefined, more = {}): Reader => ({
  caughtUpMs: seconds === undefined ? undefined : AT + seconds * 1000,
  ...{ hostId, sinceMs: 0, isDamaged: false, loggedMs: AT + 62_000, ...more },
})

const gap = gapOf('a', 0, 60)
const both = new Set(['b', 'c'])
const read = [reader('a', 99), reader('b', 62), reader('c', 70)]
const facts: GapFacts = { others: both, isAlone: false, readers: read, gaps: [gap] }

it.each<[string, Partial<GapFacts>, string]>([
  ['both others were read beyond it', {}, 'healed'],
  ['the replicas are not known', { others: undefined }, 'wait'],
  ['there are no others', { others: new Set<string>() }, 'open'],
  ['a range has no other replica', { isAlone: true }, 'open'],
  ['one is not that far', { readers: [reader('b', 61), reader('c', 70)] }, 'wait'],
  ['one has not caught up', { readers: [reader('b', undefined), reader('c', 70)] }, 'wait'],
  [
    'one does not answer',
    { readers: [reader('b', 70, { loggedMs: undefined }), reader('c', 70)] },
    'wait',
  ],
  [
    'one was asked before',
    { readers: [reader('b', 70, { loggedMs: AT + 61_000 }), reader('c', 70)] },
    'wait',
  ],
  ['one has no agent', { readers: [reader('b', 70)] }, 'wait'],
  [
    'one is read since later',
    { readers: [reader('b', 70, { sinceMs: AT }), reader('c', 70)] },
    'open',
  ],
  ['one is damaged', { readers: [reader('b', 70, { isDamaged: true }), reader('c', 70)] }, 'open'],
  ['one has a gap of the same time', { gaps: [gap, gapOf('b', 63, 90)] }, 'open'],
  ['also one that healed', { gaps: [gap, gapOf('b', 10, 20, { state: 'healed' })] }, 'open'],
  ['one did not log then', { gaps: [gap, gapOf('c', -9, null, { kind: 'node' })] }, 'open'],
  ['one has a gap of another time', { gaps: [gap, gapOf('b', 65, 90)] }, 'healed'],
  ['a node that has none of its ranges', { gaps: [gap, gapOf('d', 0, 60)] }, 'healed'],
])('judges a gap when %s', (_, changed, expected) => {
  expect(judgeGap(gap, { ...facts, ...changed })).toBe(expected)
})

it('heals nothing whose time is not known', () => {
  const unknown = gapOf('a', null, 60)
  expect(judgeGap(unknown, { ...facts, readers: read })).toBe('open')
  expect(judgeGap(gapOf('a', 0, null), facts)).toBe('open')
})

it('lets what vanishes grow into one gap, suspected at first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scamander-gaps-'))
  const store = CaptureStore.open(folder)
  const book = new GapBook(store, Logger.silent())
  const open = (node: string, from: number, to: number) =>
    book.open({
      ...{ kind: 'segments', node, fromSegment: `${from}`, toSegment: `${to}` },
      ...{ fromMs: AT, toMs: AT + to * 1000, channels: [`of ${from}`], reason: 'gone' },
    })
  open('a', 5, 6)
  expect(open('a', 7, 9)).toMatchObject({ id: 1, fromSegment: '5', toSegment: '9' })
  expect(book.list()).toMatchObject([
    { state: 'suspected', toTime: iso(9), channels: ['of 5', 'of 7'] },
  ])
  expect([open('b', 8, 8).id, open('a', 20, 21).id]).toEqual([2, 3])
  book.heal(1)
  book.confirm(2)
  // What is settled does not grow any more.
  expect(open('a', 10, 10).id).toBe(4)
  expect(book.list().map(one => one.state)).toEqual(['healed', 'open', 'suspected', 'suspected'])
  store.close()
  rmSync(folder, { recursive: true })
})
