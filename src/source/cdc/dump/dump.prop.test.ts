/**
 * Truncated and flipped segments: the dump never fails, never hangs, and prints nothing that the
 * whole segment does not have.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { SEGMENT_FILES } from '../../../../test/golden/commit-log-files.ts'
import { dumpChanges } from './dump.ts'
import { readSchemaFile } from './schema-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-fuzz-'))
afterAll(() => rmSync(folder, { recursive: true }))
const schemaFile = readSchemaFile(
  'CREATE TABLE demo_ks.demo_table (k text PRIMARY KEY, v text) WITH ID = 11112222-3333-4444-5555-666677778888',
  'schema.cql',
)
const key = Buffer.from('66a8801a0efc9fe8c42c537378765d62', 'hex')

async function dump(bytes: Buffer, name: string): Promise<{ lines: string[]; problems: number }> {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  let text = ''
  const { problems } = await dumpChanges({
    ...{ paths: [path], format: 'jsonl', tables: [], from: undefined, withSystem: true },
    ...{ cdcOnly: false, tableIds: [], schemaFile, clusterSchema: undefined, follow: false },
    keyOf: () => key,
    signal: new AbortController().signal,
    write: chunk => {
      text += chunk
      return undefined
    },
    note: () => undefined,
  })
  return { lines: text.split('\n').filter(line => line !== ''), problems }
}

it.each(Object.keys(SEGMENT_FILES))('%s', async form => {
  const whole = Buffer.from(SEGMENT_FILES[form]!, 'hex')
  const name = `CommitLog-8-${whole.readBigInt64BE(4)}.log`
  const { lines: all } = await dump(whole, name)
  expect(all.length).toBe(3)
  const damage = fc.oneof(
    fc.record({ cut: fc.nat(whole.length) }),
    fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) }),
  )
  await fc.assert(
    fc.asyncProperty(damage, async one => {
      let bytes = Buffer.from(whole)
      if ('cut' in one) bytes = bytes.subarray(0, one.cut)
      else bytes[one.at]! ^= 1 << one.bit
      const { lines } = await dump(bytes, name).catch(error => {
        // An unknown release or algorithm is told as such, nothing is printed.
        expect(error.code).toMatch(/^SCM_COMMITLOG_/)
        return { lines: [] as string[] }
      })
      for (const line of lines) expect(all).toContain(line)
    }),
    { numRuns: 60 },
  )
})
