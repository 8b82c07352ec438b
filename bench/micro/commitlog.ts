/**
 * Cost of decoding a commit-log segment: mutations/s on one core, by size and storage form.
 * Usage: node bench/micro/commitlog.ts [MUTATIONS]
 * The segment is built in memory; each form is read several times and the best run counts. Reading
 * means checksums, framing and every cell's range; `values` also makes JavaScript values.
 */
import { deflateSync } from 'node:zlib'
import { compressSync } from 'lz4-napi'
import {
  type Mutation,
  readCellValue,
  readPartitionKey,
  SegmentReader,
} from '../../src/commitlog/index.ts'
import { buildSegment, int32 } from '../../test/support/commit-log-writer.ts'
import { lookupOf, tableOf } from '../../test/support/mutation-text.ts'

const count = Number(process.argv[2] ?? '200000')
const ROUNDS = 5
const RECORDS_PER_SECTION = 5000
const TABLE = '11112222333344445555666677778888'

const columns = Array.from({ length: 8 }, (_, i) => `c${i}: ${i % 2 === 0 ? 'text' : 'bigint'}`)
const schema = lookupOf(
  tableOf('11112222-3333-4444-5555-666677778888', 'demo_table', {
    partition: ['k: text'],
    others: ['v: text', ...columns],
  }),
)

/** One INSERT of `cells` columns: c0… where there are several, else v. */
function mutationOf(cells: number, i: number): Buffer {
  const key = Buffer.from(`key-${String(i).padStart(8, '0')}`)
  const names = cells === 1 ? ['v'] : columns.slice(0, cells).map(text => text.slice(0, 2))
  const list = names.map(name => Buffer.concat([Buffer.from([name.length]), Buffer.from(name)]))
  const values = names.map((_, j) => {
    if (j % 2 === 1) return Buffer.from(`08${i.toString(16).padStart(16, '0')}`, 'hex')
    return Buffer.concat([Buffer.from([0x08, 14]), Buffer.from('value-of-cell-')])
  })
  return Buffer.concat([
    Buffer.from(`01${TABLE}`, 'hex'),
    Buffer.from([key.length]),
    key,
    Buffer.from('10fce9d96a43c0000000', 'hex'),
    Buffer.from([names.length]),
    ...list,
    Buffer.from('012400', 'hex'),
    ...values,
    Buffer.from([1]),
  ])
}

function sectionsOf(cells: number): Buffer[][] {
  const sections: Buffer[][] = []
  for (let i = 0; i < count; i++) {
    if (i % RECORDS_PER_SECTION === 0) sections.push([])
    sections.at(-1)!.push(mutationOf(cells, i))
  }
  return sections
}

const withLength = (pack: (content: Buffer) => Buffer) => (content: Buffer) =>
  Buffer.concat([int32(content.length), pack(content)])

function read(bytes: Buffer, visit: (mutation: Mutation) => void): number {
  const reader = new SegmentReader({ schema })
  reader.feed({ bytes, offset: 0, fileBytes: bytes.length, isFinal: true })
  const startMs = performance.now()
  while (reader.next() === 'mutation') visit(reader.mutation)
  const tookMs = performance.now() - startMs
  if (reader.counts.mutations !== count) throw new Error(`read ${reader.counts.mutations}`)
  return (count / tookMs) * 1000
}

function report(name: string, bytes: Buffer, visit: (mutation: Mutation) => void): void {
  let best = 0
  for (let round = 0; round < ROUNDS; round++) best = Math.max(best, read(bytes, visit))
  const rate = Math.round(best).toLocaleString('en')
  const mib = ((best * bytes.length) / count / 2 ** 20).toFixed(0)
  process.stdout.write(
    `${name.padEnd(28)} ${rate.padStart(12)} mutations/s ${mib.padStart(6)} MiB/s\n`,
  )
}

let cellsSeen = 0
const countCells = (mutation: Mutation) => {
  cellsSeen += mutation.cellCount
}
const makeValues = (mutation: Mutation) => {
  for (const update of mutation.updates) {
    readPartitionKey(mutation, update)
    for (let cell = 0; cell < mutation.cellCount; cell++) readCellValue(mutation, update, cell)
  }
}

const lz4 = '{"compressionClass":"LZ4Compressor"}'
const deflate = '{"compressionClass":"DeflateCompressor"}'
for (const cells of [1, 8]) {
  const sections = sectionsOf(cells)
  const plain = buildSegment(sections)
  report(`${cells} cells, plain`, plain, countCells)
  report(`${cells} cells, plain, values`, plain, makeValues)
  const packed = buildSegment(sections, { params: lz4, pack: withLength(compressSync) })
  report(`${cells} cells, LZ4`, packed, countCells)
  const deflated = buildSegment(sections, { params: deflate, pack: withLength(deflateSync) })
  report(`${cells} cells, Deflate`, deflated, countCells)
}
const rss = (process.memoryUsage().rss / 2 ** 20).toFixed(0)
process.stdout.write(`${cellsSeen} cells seen, RSS ${rss} MiB\n`)
