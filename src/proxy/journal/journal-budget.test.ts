import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { JournalBudget } from './journal-budget.ts'

const dir = mkdtempSync(join(tmpdir(), 'scamander-budget-'))
afterEach(() => rmSync(dir, { recursive: true, force: true }))

it('counts what was there, shares among threads, and measures again when room was made', () => {
  const file = join(dir, 'writes-old.journal')
  writeFileSync(file, Buffer.alloc(400))
  let nowMs = 0
  const budget = new JournalBudget({ dir, bytesMax: 1_000, threads: 2, nowMs: () => nowMs })
  budget.take(299)
  expect(budget.isUsedUp).toBe(false)
  budget.take(1)
  expect(budget.isUsedUp).toBe(true)
  rmSync(file)
  expect(budget.isUsedUp).toBe(true)
  nowMs = 2_000
  expect(budget.isUsedUp).toBe(false)
  budget.take(500)
  expect(budget.isUsedUp).toBe(true)
})
