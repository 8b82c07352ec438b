import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { JournalFilesOut } from './journal-files-out.ts'

const dir = mkdtempSync(join(tmpdir(), 'scamander-files-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const LINE = `${'x'.repeat(1_000)}\n`

it('starts a new file when one is full, and removes from the oldest on what is finished', () => {
  const files = new JournalFilesOut(dir, 'ahead-a', 500)
  for (let i = 0; i < 3; i++) {
    files.add(LINE)
    files.flush()
  }
  expect(files.files.map(file => file.bytes > 0)).toEqual([true, true, true])
  const [first, second] = files.files
  first!.open = 1
  expect(files.dropFinished()).toBe(0)
  first!.open = 0
  second!.open = 1
  expect(files.dropFinished()).toBe(LINE.length)
  expect(readdirSync(dir)).toHaveLength(2)
  second!.open = 0
  files.dropFinished()
  files.close(() => false)
  expect(readdirSync(dir)).toEqual([])
})

it('keeps the order of lines, and a file that is of use', () => {
  const files = new JournalFilesOut(dir, 'writes-b')
  for (const line of ['1\n', '2\n']) files.add(line)
  files.flush()
  files.add('3\n')
  files.flush()
  const { path } = files.current
  files.close(file => file.bytes > 0)
  expect(readFileSync(path, 'utf8')).toBe('1\n2\n3\n')
})
