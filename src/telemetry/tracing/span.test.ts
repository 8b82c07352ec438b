import { describe, expect, it } from 'vitest'
import { Logger } from '../logger.ts'
import { tellExport, watchCollector } from './collector-watch.ts'
import { beginSpan, isSampled, isTracing, makeSpans, parseTraceparent, type Span } from './span.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

const fake = (traceparent: string): Span => ({
  traceparent,
  isRecording: true,
  set: () => undefined,
  end: () => undefined,
})

describe('spans', () => {
  it('are not made while nobody listens', () => {
    expect(isTracing()).toBe(false)
    expect(beginSpan({ name: 'nobody' })).toBeUndefined()
  })

  it('are made by who came first, until it leaves', () => {
    const leaveFirst = makeSpans(({ name }) => fake(`first ${name}`))
    const leaveSecond = makeSpans(({ name }) => fake(`second ${name}`))
    expect(isTracing()).toBe(true)
    expect(beginSpan({ name: 'a' })?.traceparent).toBe('first a')
    leaveFirst()
    expect(beginSpan({ name: 'b' })?.traceparent).toBe('second b')
    leaveSecond()
    expect(isTracing()).toBe(false)
  })
})

describe('traceparent', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`cc-${TRACE}-${SPAN}-03-what the future brings`, 3],
  ])('%s is read', (text, flags) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, flags })
    expect(isSampled(text)).toBe((flags & 1) === 1)
  })

  it.each([
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-011`,
    `00-${TRACE}-${SPAN}`,
  ])('%s is none', text => {
    expect(parseTraceparent(text)).toBeUndefined()
    expect(isSampled(text)).toBe(false)
  })
})

describe('a collector', () => {
  it('that is away is told once, and when it is back', () => {
    const told: string[] = []
    const logger = Logger.create({ sink: line => told.push(String(line['msg'])) })
    let nowMs = 0
    const leave = watchCollector(logger, () => nowMs)
    for (const failure of ['refused', 'refused', undefined, undefined]) tellExport(failure)
    expect(told.map(text => text.split(':')[0])).toEqual([
      'traces are not delivered and are dropped, everything else goes on',
      'traces are delivered again',
    ])
    nowMs = 59_999
    tellExport('refused')
    expect(told).toHaveLength(2)
    nowMs = 60_000
    tellExport('refused')
    expect(told).toHaveLength(3)
    leave()
    tellExport(undefined)
    expect(told).toHaveLength(3)
  })
})
