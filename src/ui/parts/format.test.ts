/**
 * The formats of the page at their borders.
 */
import { describe, expect, it } from 'vitest'
import { toAgo, toAhead, toCount, toCounted, toDuration, toSentence } from './format.ts'

describe('formats', () => {
  it.each([
    [0, '0 ms'],
    [820, '820 ms'],
    [4_200, '4.2 s'],
    [134_000, '2 min 14 s'],
    [11_100_000, '3 h 05 min'],
    [367_200_000, '4 d 6 h'],
  ])('%i ms is %s', (ms, text) => expect(toDuration(ms)).toBe(text))

  it.each([
    ['refused', 'refused.'],
    ['refused.', 'refused.'],
    ['who?', 'who?'],
    ['', ''],
  ])('%j ends as %j', (text, sentence) => expect(toSentence(text)).toBe(sentence))

  it('counts, and shows a dash for what is unknown', () => {
    expect([toCount(4821), toCount(0), toCount(null)]).toEqual(['4,821', '0', '–'])
    expect([toCounted(1, 'row'), toCounted(0, 'row')]).toEqual(['1 row', '0 rows'])
  })

  it.each([
    ['2026-11-21T13:59:56Z', 'just now'],
    ['2026-11-21T13:54:00Z', '6 min ago'],
    ['2026-11-21T02:00:00Z', '12 h ago'],
  ])('%s is %s', (iso, text) => expect(toAgo(iso, Date.parse('2026-11-21T14:00:00Z'))).toBe(text))

  it('says when something comes', () => {
    const now = Date.parse('2026-11-21T14:00:00Z')
    expect(toAhead('2026-11-21T14:04:00Z', now)).toBe('in 4 min')
    expect(toAhead('2026-11-22T01:00:00Z', now)).toBe('in 11 h')
  })
})
