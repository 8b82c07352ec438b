/**
 * `scamander demo migrate` from beginning to end, with few rows: it ends with the result of the
 * validation and exit code 0, and leaves nothing behind.
 * Starts two clusters of its own, as the demo does.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { runMigrationDemo } from '../../src/demo/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-demo-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('moves a table under live writes and proves it', async () => {
  let text = ''
  const output = {
    write: (part: string) => {
      text += part
    },
  }
  const dir = join(folder, 'demo')
  const code = await runMigrationDemo({ rows: 2_000, dir, keep: false, output })
  expect([code, text]).toEqual([0, expect.stringContaining('both clusters are equal')])
  expect(text).toMatch(/^Valid: 1\d{3}$/m)
  expect(text).toMatch(/^Mismatch: 0$/m)
  expect(text).toMatch(/the shop is closed after [1-9][\d,]* writes, 0 lost/)
  expect(text.trimEnd()).toMatch(/nothing is left running$/)
  expect(existsSync(dir)).toBe(false)
}, 400_000)
