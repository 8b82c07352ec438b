/**
 * The command line of `npm run bench:sink`. Parsed once by main.ts.
 * Invariant: every value is checked before a server is started.
 */
import { parseArgs } from 'node:util'

export type BatchBy = 'partition' | 'replica-set' | 'none'

export interface BenchOptions {
  readonly records: number
  readonly warmup: number
  /** Records of the discarded first runs: Cassandra compiles its write path meanwhile. */
  readonly serverWarmup: number
  readonly rounds: number
  readonly tasks: number
  readonly partitions: number
  readonly protocol: 3 | 4 | 5 | undefined
  readonly batchBy: BatchBy
  /** Folder with the jars of a Kafka Connect worker and the DataStax sink. */
  readonly peer: string | undefined
  /** Records of the run that shows whether memory stays flat; undefined: no such run. */
  readonly soak: number | undefined
  readonly json: boolean
  readonly writeDocs: boolean
}

export const USAGE = `npm run bench:sink -- [options]
  --records N      measured records per run (1000000)
  --warmup N       records before them that do not count (50000)
  --server-warmup N  records of the first run of each client, which does not count (300000)
  --rounds N       runs of each client, in alternating order (3)
  --tasks N        tasks of the connector (1)
  --partitions N   partitions of the topic (4)
  --protocol 3|4|5 native protocol of Scamander (the highest)
  --batch-by partition|replica-set|none (replica-set)
  --peer DIR       also a JVM Connect worker with the jars in DIR
  --soak N         only Scamander, N records, memory every 500,000
  --json           the results as JSON on standard output
  --write-docs     write docs/benchmarks/sink.md`

const number = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const

export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ records: number, warmup: number, rounds: number, tasks: number, partitions: number },
      ...{ protocol: number, 'batch-by': number, peer: number, soak: number },
      'server-warmup': number,
      ...{ json: flag, 'write-docs': flag, help: flag },
    },
  })
  if (values.help) return undefined
  const whole = (
    name: 'records' | 'warmup' | 'server-warmup' | 'rounds' | 'tasks' | 'partitions',
    other: number,
  ) => toWhole(name, values[name] ?? String(other))
  const batchBy = values['batch-by'] ?? 'replica-set'
  if (batchBy !== 'partition' && batchBy !== 'replica-set' && batchBy !== 'none') {
    throw new Error(`--batch-by: expected partition, replica-set or none, found ${batchBy}`)
  }
  const { protocol } = values
  if (protocol !== undefined && !['3', '4', '5'].includes(protocol)) {
    throw new Error(`--protocol: expected 3, 4 or 5, found ${protocol}`)
  }
  return {
    records: whole('records', 1_000_000),
    warmup: whole('warmup', 50_000),
    serverWarmup: whole('server-warmup', 300_000),
    rounds: whole('rounds', 3),
    tasks: whole('tasks', 1),
    partitions: whole('partitions', 4),
    protocol: protocol === undefined ? undefined : (Number(protocol) as 3 | 4 | 5),
    batchBy,
    peer: values.peer,
    soak: values.soak === undefined ? undefined : toWhole('soak', values.soak),
    json: values.json,
    writeDocs: values['write-docs'],
  }
}

function toWhole(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (Number.isInteger(value) && value >= 1) return value
  throw new Error(`--${name}: expected a whole number from 1 on, found ${text}`)
}
