/**
 * Reading segments from disk in small windows: whole, growing, cut, with records larger than a window.
 */
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSegment } from '../../test/support/commit-log-writer.ts'
import { lookupOf, tableOf } from '../../test/support/mutation-text.ts'
import { SegmentFile, SegmentReader } from './index.ts'

const schema = lookupOf(
  tableOf('11112222-3333-4444-5555-666677778888', 'demo_table', {
    partition: ['k: text'],
    others: ['v: text'],
  }),
)

function mutationOf(length: number): Buffer {
  const head = '0111112222333344445555666677778888016110fce9d96a43c000000001017601240008'
  const size = Buffer.from([0xc0, length >> 8, length & 0xff])
  return Buffer.concat([
    Buffer.from(head, 'hex'),
    size,
    Buffer.alloc(length, 120),
    Buffer.from([1]),
  ])
}

const sections = [[mutationOf(10), mutationOf(5000)], [mutationOf(300)]]
const bytes = buildSegment(sections)

describe('a segment file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segment-file-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function readAll(file: SegmentFile, reader: SegmentReader, isFinal: boolean) {
    const lengths: number[] = []
    let state = await file.next(reader, isFinal)
    for (; state === 'mutation'; state = await file.next(reader, isFinal)) {
      lengths.push(reader.mutation.valueEnd(0) - reader.mutation.valueStart(0))
    }
    return { lengths, state }
  }

  it.each([16, 100, 4096, 1 << 20])('is read whole in windows of %i bytes', async windowBytes => {
    const path = join(folder, `whole-${windowBytes}`)
    await writeFile(path, bytes)
    await using file = await SegmentFile.open(path, windowBytes)
    const result = await readAll(file, new SegmentReader({ schema }), true)
    expect(result).toEqual({ lengths: [10, 5000, 300], state: 'end' })
  })

  it.each([64, 40, 16, 8])('is followed while it grows, in looks of %i bytes', async probeBytes => {
    const path = join(folder, `growing-${probeBytes}`)
    const second = bytes.readInt32BE(20)
    await writeFile(path, bytes.subarray(0, second))
    await using file = await SegmentFile.open(path, 64, probeBytes)
    const reader = new SegmentReader({ schema })
    expect(await readAll(file, reader, false)).toEqual({ lengths: [10, 5000], state: 'caughtUp' })
    expect(await readAll(file, reader, false)).toEqual({ lengths: [], state: 'caughtUp' })
    await writeFile(path, bytes)
    expect(await readAll(file, reader, false)).toEqual({ lengths: [300], state: 'caughtUp' })
    expect(await readAll(file, reader, true)).toEqual({ lengths: [], state: 'end' })
  })

  it('is looked at in place: what is mapped into memory grows without a longer file', async () => {
    const path = join(folder, 'mapped')
    const second = bytes.readInt32BE(20)
    const blank = Buffer.alloc(bytes.length)
    await writeFile(path, Buffer.concat([bytes.subarray(0, second), blank.subarray(second)]))
    await using file = await SegmentFile.open(path, 1 << 20, 100)
    const reader = new SegmentReader({ schema })
    expect(await readAll(file, reader, false)).toEqual({ lengths: [10, 5000], state: 'caughtUp' })
    expect(await file.next(reader, false)).toBe('caughtUp')
    await writeFile(path, bytes)
    expect(await readAll(file, reader, false)).toEqual({ lengths: [300], state: 'caughtUp' })
  })

  it('tells when the look began that found nothing more', async () => {
    const path = join(folder, 'looked')
    await writeFile(path, bytes.subarray(0, bytes.readInt32BE(20)))
    await using file = await SegmentFile.open(path, 1 << 20, 64)
    const reader = new SegmentReader({ schema })
    const beforeMs = Date.now()
    await readAll(file, reader, false)
    const { lookedMs } = file
    expect(lookedMs).toBeGreaterThanOrEqual(beforeMs)
    await setTimeout(5)
    // Bytes at hand are as old as the look that brought them.
    expect(file.nextAtHand(reader)).toBeUndefined()
    expect(file.lookedMs).toBe(lookedMs)
    await file.next(reader, false)
    expect(file.lookedMs).toBeGreaterThan(lookedMs)
  })

  it('that was cut gives the whole records before the cut', async () => {
    const path = join(folder, 'cut')
    await writeFile(path, bytes)
    await truncate(path, 2000)
    await using file = await SegmentFile.open(path, 64)
    const reader = new SegmentReader({ schema })
    expect(await readAll(file, reader, true)).toEqual({ lengths: [10], state: 'problem' })
    expect(reader.problem).toMatchObject({ kind: 'truncated', to: bytes.readInt32BE(20) })
    expect(await file.next(reader, true)).toBe('end')
  })

  it('that has vanished is an error of opening', async () => {
    await expect(SegmentFile.open(join(folder, 'none'))).rejects.toThrow(/ENOENT/)
  })
})
