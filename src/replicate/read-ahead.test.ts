/**
 * Pages that are read while the one before is handled.
 */
import { expect, it } from 'vitest'
import { readAhead } from './read-ahead.ts'

it('reads one page ahead, not two', async () => {
  const read: number[] = []
  async function* pages() {
    for (let page = 1; page <= 3; page++) {
      read.push(page)
      yield page
    }
  }
  const seen: string[] = []
  for await (const page of readAhead(pages())) seen.push(`${page} of ${read.join()}`)
  expect(seen).toEqual(['1 of 1,2', '2 of 1,2,3', '3 of 1,2,3'])
})

it('hands a page out before the error behind it', async () => {
  async function* pages() {
    yield 1
    throw new TypeError('gone')
  }
  const seen: number[] = []
  const all = (async () => {
    for await (const page of readAhead(pages())) seen.push(page)
  })()
  await expect(all).rejects.toThrow('gone')
  expect(seen).toEqual([1])
})

it('ends the reader when the caller stops', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  async function* pages() {
    try {
      for (let page = 1; ; page++) yield page
    } finally {
      resolve()
    }
  }
  for await (const page of readAhead(pages())) if (page === 2) break
  await promise
})
