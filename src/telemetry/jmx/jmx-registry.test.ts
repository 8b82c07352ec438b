/** Names, owners, and that tasks share beans; timers in milliseconds. */
import { describe, expect, it } from 'vitest'
import { JmxRegistry } from './jmx-registry.ts'
import { toObjectName } from './object-name.ts'
import { TestClock } from './test-clock.ts'

describe('toObjectName', () => {
  it.each([
    ['plain-1_A', 'plain-1_A'],
    ['', '""'],
    ['a.b', '"a.b"'],
    ['rest sink é', '"rest sink é"'],
    ['a,b=c:d', '"a,b=c:d"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['a*b?c', '"a\\*b\\?c"'],
    ['back\\slash', '"back\\\\slash"'],
    ['two\nlines\nmore', '"two\\nlines\\nmore"'],
    ['plain\n', '"plain\\n"'],
  ])('%j becomes %s', (value, expected) => {
    const name = toObjectName('com.example.sink', { connector: value, name: 'recordCount' })
    expect(name).toBe(`com.example.sink:connector=${expected},name=recordCount`)
  })
})

describe('JmxRegistry', () => {
  it('gives the same bean for a name until its owner is removed', () => {
    const registry = new JmxRegistry(new TestClock())
    registry.meter('a', 'd:x=a').mark(2)
    registry.meter('a', 'd:x=a').mark(3)
    registry.counter('b', 'd:x=b').add()
    const counts = () => registry.read().map(({ name, attributes }) => [name, attributes['Count']])
    expect(counts()).toEqual([
      ['d:x=a', 5],
      ['d:x=b', 1],
    ])
    registry.removeOwner('a')
    expect(counts()).toEqual([['d:x=b', 1]])
    registry.meter('a', 'd:x=a').mark()
    expect(counts()[0]).toEqual(['d:x=a', 1])
  })

  it('reads by prefix, sorted by name', () => {
    const registry = new JmxRegistry()
    for (const name of ['b:x=2', 'a:x=1', 'b:x=1']) registry.counter('o', name)
    expect(registry.read('b:').map(bean => bean.name)).toEqual(['b:x=1', 'b:x=2'])
    expect(registry.read('c:')).toEqual([])
  })

  it('a timer tells milliseconds and rates, at most the highest', () => {
    const clock = new TestClock()
    const registry = new JmxRegistry(clock)
    const timer = registry.timer('o', 'd:x=t', 2_000)
    for (const ms of [0.05, 1, 9_000]) timer.observe(ms, clock.monotonicMs())
    clock.advance(6_000)
    const [bean] = registry.read()
    const { Count, Min, Max, OneMinuteRate, '50thPercentile': median } = bean!.attributes
    expect([Count, Min]).toEqual([3, 0.05])
    expect(median).toBeCloseTo(1, 2)
    expect(Max).toBeGreaterThan(1_984)
    expect(Max).toBeLessThan(2_016)
    expect(OneMinuteRate).toBeCloseTo(0.6, 10)
    expect(Object.keys(bean!.attributes)).toHaveLength(15)
  })
})
