/** Segments that went away unread: between two looks, and while no agent ran. */
import { expect, it } from 'vitest'
import type { NodePosition } from '../state/records.ts'
import { missingAtStart, VanishedSegments } from './vanished-segments.ts'

/** `5i` has an index, `5m` lies in the overflow folder. */
const entries = (text: string) =>
  text.split(' ').flatMap(one => {
    if (one === '') return []
    const flags = { hasIndex: one.includes('i'), isMoved: one.includes('m') }
    return [{ segmentId: BigInt(Number.parseInt(one, 10)), ...flags }]
  })

const shown = (ranges: readonly { from: bigint; to: bigint }[]) =>
  ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' ')

it.each([
  ['nothing went', '5i 6', '5i 6i 7', 5n, true, ''],
  ['one with an index', '5i 6i 7', '5i 7i', 5n, false, '6'],
  ['one that was read', '5i 6i 7', '6i 7', 5n, true, ''],
  ['one without an index, of a node that refuses writes', '5i 6 7', '7i', 5n, false, ''],
  ['one without an index, of a node that deletes', '5i 6 7', '7i', 5n, true, '6'],
  ['one without an index, younger than what is there', '5i 6 7', '5i 7', 5n, true, ''],
  ['older ones are in the overflow folder only', '5i 6 7', '5im 7i', 5n, true, '6'],
  ['some that were never seen', '5i 6', '9i 10i', 5n, true, '6-8'],
  ['some that were never seen, of a node that refuses writes', '5i 6', '9i 10', 5n, false, ''],
  ['a node that was started anew', '5i', '900000i', 5n, true, ''],
  ['neighbours are one', '5i 6i 7i 8i', '9', 5n, false, '6-8'],
])('tells what vanished: %s', async (_, before, now, read, deletes, expected) => {
  const vanished = new VanishedSegments(async () => deletes)
  await vanished.between([], entries(before), read)
  expect(shown(await vanished.between(entries(before), entries(now), read))).toBe(expected)
})

const stored = (hadIndex: boolean, done: readonly string[] = []): NodePosition => ({
  ...{ segmentId: '5', position: 10, hadIndex, done },
})

it.each([
  ['it is there', stored(true), '5i 6', false, false, ''],
  ['it had an index', stored(true), '8 9', true, true, '5-7'],
  ['it had an index and nothing is there', stored(true), '', true, true, '5'],
  ['it had none, and the node refuses writes', stored(false), '8', true, false, ''],
  ['it had none, and the node deletes', stored(false), '8', false, false, '5-7'],
  ['it had none, and the folder was not full', stored(false), '8', false, true, ''],
  ['it was read, and the next is there', stored(true, ['5']), '6', false, false, ''],
  ['it was read, and the next are gone', stored(true, ['5']), '9', false, false, '6-8'],
  ['it was read, and the node refuses writes', stored(true, ['5']), '9', true, false, ''],
  ['it was moved, and what followed is gone', stored(true), '5im 6im 9i 10', false, false, '7-8'],
  ['it was moved, and nothing is gone', stored(true), '5im 6im 7i', false, false, ''],
  ['it was moved, and the node refuses writes', stored(true), '5im 9i', true, false, ''],
  ['it was moved, and the folder was not full', stored(true), '5im 9i', false, true, ''],
  ['the next was moved, others are gone', stored(true, ['5']), '6im 9i', false, false, '7-8'],
  ['it was read, and the node was started anew', stored(true, ['5']), '900000', false, false, ''],
])('tells what is missing at a start: %s', (_, position, now, blocksWrites, isRoomy, expected) => {
  const facts = { stored: position, entries: entries(now), blocksWrites, isRoomy }
  const range = missingAtStart(facts)
  expect(range === undefined ? '' : shown([range])).toBe(expected)
})
