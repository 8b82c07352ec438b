/**
 * Names in the commit-log folders, and the index file at every moment of its rewriting.
 */
import { describe, expect, it } from 'vitest'
import {
  cdcIndexNameOf,
  compareSegments,
  parseCdcIndex,
  parseCdcIndexName,
  parseSegmentName,
} from './index.ts'

describe('file names', () => {
  it.each([
    ['CommitLog-7-1700000000000.log', { version: 7, segmentId: 1_700_000_000_000n }],
    ['CommitLog-8-9007199254740993.log', { version: 8, segmentId: 9_007_199_254_740_993n }],
    ['CommitLog-1700000000000.log', undefined],
    ['CommitLog-7-1700000000000_cdc.idx', undefined],
    ['CommitLog-7-1700000000000.log.part', undefined],
    ['xCommitLog-7-1.log', undefined],
  ])('%s', (name, expected) => {
    expect(parseSegmentName(name)).toEqual(expected)
  })

  it('name the index of a segment and back', () => {
    const name = cdcIndexNameOf({ version: 7, segmentId: 12n })
    expect(name).toBe('CommitLog-7-12_cdc.idx')
    expect(parseCdcIndexName(name)).toEqual({ version: 7, segmentId: 12n })
    expect(parseCdcIndexName('CommitLog-7-12.log')).toBeUndefined()
  })

  it('sort by number, not by text', () => {
    const names = ['CommitLog-8-100.log', 'CommitLog-7-99.log', 'CommitLog-7-101.log']
    const sorted = names.map(name => parseSegmentName(name)!).sort(compareSegments)
    expect(sorted.map(one => one.segmentId)).toEqual([99n, 100n, 101n])
  })
})

describe('index files', () => {
  it.each([
    ['1048382', { position: 1_048_382, isCompleted: false }],
    ['1048382\nCOMPLETED', { position: 1_048_382, isCompleted: true }],
    ['', undefined],
    ['1048382\n', undefined],
    ['1048382\nCOMPL', undefined],
    ['COMPLETED', undefined],
    ['1048382\nCOMPLETED\n', undefined],
  ])('%j', (text, expected) => {
    expect(parseCdcIndex(text)).toEqual(expected)
  })
})
