/**
 * Reads commit-log segments with our reader, one thread, as often as told, and prints one JSON line of
 * the same form as java/ReadSegments.java. Started by decode.ts.
 * Arguments: the table's id, its columns but the key as `name: type;…`, rounds, the segment files.
 */
import { readFileSync } from 'node:fs'
import { SegmentFile, SegmentReader } from '../../../src/commitlog/index.ts'
import { lookupOf, tableOf } from '../../../test/support/mutation-text.ts'

const [id = '', columns = '', rounds = '1', ...files] = process.argv.slice(2)
const schema = lookupOf(
  tableOf(id, 'demo_table', { partition: ['k: text'], others: columns.split(';') }),
)

/** Mutations and cells of all files. */
async function readAll(): Promise<{ mutations: number; cells: number }> {
  let mutations = 0
  let cells = 0
  for (const path of files) {
    const reader = new SegmentReader({ schema })
    const file = await SegmentFile.open(path)
    let state = await file.next(reader, true)
    while (state === 'mutation') {
      mutations++
      cells += reader.mutation.cellCount
      state = file.nextAtHand(reader) ?? (await file.next(reader, true))
    }
    await file.close()
    if (state !== 'end') throw new Error(`${path}: ${state} ${reader.problem?.message}`)
  }
  return { mutations, cells }
}

const nanos: number[] = []
let read = { mutations: 0, cells: 0 }
let cpuNanos = 0
for (let round = 0; round < Number(rounds); round++) {
  const cpuBefore = process.cpuUsage()
  const start = process.hrtime.bigint()
  read = await readAll()
  nanos.push(Number(process.hrtime.bigint() - start))
  const { user, system } = process.cpuUsage(cpuBefore)
  cpuNanos = (user + system) * 1000
}
const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
process.stdout.write(
  `${JSON.stringify({ ...read, nanos, cpuNanos, peakKb: Number(peak?.[1] ?? 0) })}\n`,
)
