import { describe, expect, it } from 'vitest'
import { durationText, ProgressLine, progressText } from './migration-ending.ts'

const STATE = {
  ...{ title: 'users', share: 0.5, rows: 1_234_567, rowsPerSecond: 12_345.6 },
  ...{ leftMs: 61_000, isLast: false },
}

describe('progress', () => {
  it('shows share, rows, rate and the time left', () => {
    expect(progressText(STATE)).toBe(
      'users [##########..........] 50.0% 1,234,567 rows, 12,346/s, 1 min 1 s left',
    )
    expect(progressText({ ...STATE, share: 1, leftMs: 0 })).toBe(
      'users [####################] 100.0% 1,234,567 rows, 12,346/s',
    )
  })

  it.each([
    [0, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min 0 s'],
    [7_260_000, '2 h 1 min'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })

  it('is one line that changes on a terminal, and few lines elsewhere', () => {
    const terminal: string[] = []
    const line = new ProgressLine(text => terminal.push(text), true)
    line.show(STATE)
    line.show({ ...STATE, isLast: true })
    expect(terminal.map(one => one[0])).toEqual(['\r', '\r', '\n'])
    const plain: string[] = []
    const lines = new ProgressLine(text => plain.push(text), false)
    for (let i = 0; i < 50; i++) lines.show(STATE)
    lines.show({ ...STATE, isLast: true })
    expect(plain).toHaveLength(1)
    expect(plain[0]).toMatch(/^users .*\n$/)
  })
})
