/** Host names of inet columns: asked for in vain once, then answered from the cache. */
import { describe, expect, it } from 'vitest'
import { HostNames } from './host-names.ts'

function namesOf(known: Readonly<Record<string, string>>) {
  const asked: string[] = []
  const names = new HostNames(name => {
    asked.push(name)
    const address = known[name]
    return address === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(address)
  })
  return { names, asked }
}

describe('HostNames', () => {
  it('answers after resolve, each name looked up once', async () => {
    const { names, asked } = namesOf({ a: '10.0.0.1', b: '::1' })
    const before = [names.lookup('a'), names.lookup('a'), names.lookup('b')]
    expect(before).toEqual([undefined, undefined, undefined])
    await names.resolve()
    expect(names.lookup('a')).toEqual(Buffer.from([10, 0, 0, 1]))
    expect(names.lookup('b')).toEqual(Buffer.from([...Array(15).fill(0), 1]))
    expect([names.hasWanted, asked]).toEqual([false, ['a', 'b']])
  })

  it('remembers that there is no such host, so that nobody waits for it again at once', async () => {
    const { names, asked } = namesOf({})
    names.lookup('nowhere')
    expect(names.hasWanted).toBe(true)
    await names.resolve()
    expect(names.lookup('nowhere')).toBeUndefined()
    expect(names.hasWanted).toBe(false)
    expect(asked).toEqual(['nowhere'])
  })

  it('looks up many names, a bounded number of them at once', async () => {
    let now = 0
    let high = 0
    const names = new HostNames(async () => {
      high = Math.max(high, ++now)
      await Promise.resolve()
      now -= 1
      return '10.0.0.9'
    })
    for (let i = 0; i < 100; i++) names.lookup(`h${i}`)
    await names.resolve()
    expect(high).toBeLessThanOrEqual(16)
    expect(names.lookup('h99')).toEqual(Buffer.from([10, 0, 0, 9]))
  })
})
