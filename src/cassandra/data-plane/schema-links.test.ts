import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CassandraConnectionSettings } from '../settings.ts'
import type { SchemaLink } from './schema-link.ts'
import { ANSWER_MS_MAX, SchemaLinks } from './schema-links.ts'

const SETTINGS = {
  contactPoints: [{ host: 'a', port: 1 }],
} as unknown as CassandraConnectionSettings

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** The code of the failure. */
async function codeOf(answer: Promise<unknown>): Promise<string> {
  return await answer.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )
}

describe('SchemaLinks', () => {
  it.each<[string, () => Promise<SchemaLink>]>([
    ['does not let in', () => new Promise(() => undefined)],
    ['connects and hangs', async () => ({ isClosed: false, close: () => undefined }) as SchemaLink],
  ])('a cluster that %s is not asked again for five seconds', async (_what, open) => {
    const links = new SchemaLinks(open)
    const work = vi.fn(() => new Promise<never>(() => undefined))
    const first = codeOf(links.ask(SETTINGS, work))
    await vi.advanceTimersByTimeAsync(ANSWER_MS_MAX)
    expect(await first).toBe('SCM_CASSANDRA_REQUEST_TIMEOUT')
    const asked = work.mock.calls.length
    // At once: no time passes.
    expect(await codeOf(links.ask(SETTINGS, work))).toBe('SCM_CASSANDRA_REQUEST_TIMEOUT')
    const other = { ...SETTINGS, keyspace: 'another login or keyspace' }
    const elsewhere = codeOf(links.ask(other, work))
    await vi.advanceTimersByTimeAsync(5_001)
    await elsewhere
    const later = codeOf(links.ask(SETTINGS, async () => undefined))
    await vi.advanceTimersByTimeAsync(ANSWER_MS_MAX)
    expect(await later).toBe(asked === 0 ? 'SCM_CASSANDRA_REQUEST_TIMEOUT' : 'answered')
    links.close()
  })
})
