import { describe, expect, it } from 'vitest'
import { RawText } from '../flow/index.ts'
import { FOLLOWED_MAX, followedOf, traceparentOf } from './trace-context.ts'

const of = (number: number, flags = '01') =>
  `00-4bf92f3577b34da6a3ce929d0e0e4736-${number.toString(16).padStart(16, '0')}-${flags}`
const item = (value: unknown, name = 'traceparent') => ({ headers: [{ name, value }] })

describe('the context of a record', () => {
  it.each([
    ['bytes', Buffer.from(of(1))],
    ['a string', of(1)],
    ['text as it came', new RawText('string', Buffer.from(`x${of(1)}`), 1, 56)],
  ])('is read from %s', (_what, value) => {
    expect(traceparentOf(item(value))).toBe(of(1))
  })

  it('is the last of several, and none where there is none', () => {
    const headers = [...item(of(1)).headers, ...item('7', 'n').headers, ...item(of(2)).headers]
    expect(traceparentOf({ headers })).toBe(of(2))
    expect(traceparentOf({ headers: [] })).toBeUndefined()
    expect(traceparentOf(item(null))).toBeUndefined()
    expect(traceparentOf(item(of(1), 'Traceparent'))).toBeUndefined()
  })
})

describe('records that are followed', () => {
  it('are sampled, of distinct contexts, in order', () => {
    const items = [item(of(1, '00')), item(of(3)), item('nonsense'), item(of(2)), item(of(3))]
    expect(followedOf(items)).toEqual([
      { item: items[1], traceparent: of(3) },
      { item: items[3], traceparent: of(2) },
    ])
  })

  it('are bounded', () => {
    const items = Array.from({ length: 100 }, (_, i) => item(of(i + 1)))
    expect(followedOf(items).map(one => one.traceparent)).toEqual(
      items.slice(0, FOLLOWED_MAX).map(one => one.headers[0]!.value),
    )
  })
})
