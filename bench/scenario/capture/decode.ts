/**
 * What decoding costs, beside Cassandra's own CommitLogReader on the same segment files in the same
 * run: mutations per second on one core, CPU per mutation, peak memory of the process.
 * Called by main.ts. Both read everything: checksums, framing, every cell. The best of several rounds
 * counts, so that compilers have warmed up; CPU is that of the last round and shows threads beside.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../../src/sandbox/index.ts'
import { buildSegment } from '../../../test/support/commit-log-writer.ts'

interface Reading {
  readonly mutations: number
  readonly cells: number
  readonly nanos: readonly number[]
  readonly cpuNanos: number
  readonly peakKb: number
}

export interface DecodeResult {
  readonly shape: string
  readonly reader: string
  readonly mutationsPerSecond: number
  readonly mebibytesPerSecond: number
  readonly cpuNanosPerMutation: number
  readonly peakRssMb: number
}

const ID = '11112222-3333-4444-5555-666677778888'
const MUTATIONS_PER_FILE = 200_000
const FILES = 2
const RECORDS_PER_SECTION = 5000
const ROUNDS = 6
const CELLS_MAX = 8
const JAVA = fileURLToPath(new URL('./java', import.meta.url))
const OURS = fileURLToPath(new URL('./read-segments.ts', import.meta.url))
const JAVA_FLAGS = [
  '-Xmx512m',
  `-Dlogback.configurationFile=${join(JAVA, 'logback.xml')}`,
  ...['jdk.internal.misc', 'jdk.internal.ref', 'sun.nio.ch'].flatMap(name => [
    '--add-exports',
    `java.base/${name}=ALL-UNNAMED`,
  ]),
  ...['java.io', 'java.lang', 'java.nio', 'java.util', 'jdk.internal.ref', 'sun.nio.ch'].flatMap(
    name => ['--add-opens', `java.base/${name}=ALL-UNNAMED`],
  ),
]

/** Writes segments into the folder and reads them with both; lines for people by `say`. */
export function measureDecoding(
  folder: string,
  release: string,
  say: (line: string) => void,
): DecodeResult[] {
  const out: DecodeResult[] = []
  const classes = compileJava(folder, release)
  if (typeof classes === 'string') say(`no peer: ${classes}`)
  for (const cells of [1, CELLS_MAX]) {
    const { files, bytes } = writeSegments(folder, cells)
    const shape = `${cells} cell${cells === 1 ? '' : 's'}, ${Math.round(bytes / MUTATIONS_PER_FILE / FILES)} bytes`
    const columns = columnsOf(cells)
    const ours = run(process.execPath, [
      ...[OURS, ID, columns.map(([name, type]) => `${name}: ${type}`).join(';')],
      ...[String(ROUNDS), ...files],
    ])
    out.push(resultOf(shape, 'scamander', ours, bytes))
    if (typeof classes === 'string') continue
    const list = columns.map(([name, type]) => `${name} ${type}`).join(', ')
    const table = `CREATE TABLE demo_ks.demo_table (k text PRIMARY KEY, ${list})`
    const theirs = run('java', [
      ...[...JAVA_FLAGS, '-cp', classes.path, 'ReadSegments', table, ID, String(ROUNDS)],
      ...files,
    ])
    if (theirs.mutations !== ours.mutations || theirs.cells !== ours.cells) {
      throw new Error(`the readers differ: ${JSON.stringify([ours, theirs])}`)
    }
    out.push(resultOf(shape, `Cassandra ${release}`, theirs, bytes))
  }
  for (const one of out) say(lineOf(one))
  return out
}

function lineOf(one: DecodeResult): string {
  const rate = one.mutationsPerSecond.toLocaleString('en').padStart(12)
  return (
    `${one.shape.padEnd(20)} ${one.reader.padEnd(16)} ${rate} mutations/s ` +
    `${one.mebibytesPerSecond} MiB/s, ${one.cpuNanosPerMutation} ns CPU each, RSS ${one.peakRssMb} MiB`
  )
}

function resultOf(
  shape: string,
  reader: string,
  { mutations, nanos, cpuNanos, peakKb }: Reading,
  bytes: number,
): DecodeResult {
  const seconds = Math.min(...nanos) / 1e9
  return {
    ...{ shape, reader, mutationsPerSecond: Math.round(mutations / seconds) },
    mebibytesPerSecond: Math.round(bytes / seconds / 2 ** 20),
    cpuNanosPerMutation: Math.round(cpuNanos / mutations),
    peakRssMb: Math.round(peakKb / 1024),
  }
}

/** The class path of the reader, or why there is none. */
function compileJava(folder: string, release: string): { path: string } | string {
  const jars = join(cacheFolder(), 'jars', `cassandra-${release}`)
  let names: string[]
  try {
    names = readdirSync(jars).filter(name => name.endsWith('.jar'))
  } catch {
    return `no jars of Cassandra ${release} in the cache` // never started on this machine
  }
  const classes = join(folder, 'classes')
  mkdirSync(classes, { recursive: true })
  const path = [classes, ...names.map(name => join(jars, name))].join(':')
  const source = join(JAVA, 'ReadSegments.java')
  const made = spawnSync('javac', ['-proc:none', '-cp', path, '-d', classes, source])
  if (made.status === 0) return { path }
  return `javac: ${made.error?.message ?? made.stderr.toString().slice(0, 500)}`
}

function run(program: string, args: readonly string[]): Reading {
  const { status, stdout, stderr } = spawnSync(program, args, { maxBuffer: 1 << 24 })
  const last = stdout.toString().trim().split('\n').at(-1) ?? ''
  if (status === 0 && last.startsWith('{')) return JSON.parse(last) as Reading
  throw new Error(`${program} ended with ${status}: ${stderr.toString().slice(0, 1000)}`)
}

function columnsOf(cells: number): (readonly [name: string, type: string])[] {
  if (cells === 1) return [['v', 'text']]
  return Array.from({ length: cells }, (_, i) => [`c${i}`, i % 2 === 0 ? 'text' : 'bigint'])
}

function writeSegments(folder: string, cells: number): { files: string[]; bytes: number } {
  const files: string[] = []
  let bytes = 0
  for (let file = 0; file < FILES; file++) {
    const sections: Buffer[][] = []
    for (let i = 0; i < MUTATIONS_PER_FILE; i++) {
      if (i % RECORDS_PER_SECTION === 0) sections.push([])
      sections.at(-1)!.push(mutationOf(cells, file * MUTATIONS_PER_FILE + i))
    }
    const segmentId = 1_700_000_000_000n + BigInt(cells * FILES + file)
    const segment = buildSegment(sections, { segmentId })
    const path = join(folder, `CommitLog-8-${segmentId}.log`)
    writeFileSync(path, segment)
    files.push(path)
    bytes += segment.length
  }
  return { files, bytes }
}

/** An INSERT, as spelt out in commit-log 12.1. */
function mutationOf(cells: number, i: number): Buffer {
  const key = Buffer.from(`key-${String(i).padStart(8, '0')}`)
  const columns = columnsOf(cells)
  const names = columns.map(([name]) => Buffer.from([name.length, ...Buffer.from(name)]))
  const values = columns.map(([, type]) => {
    if (type === 'bigint') return Buffer.from(`08${i.toString(16).padStart(16, '0')}`, 'hex')
    return Buffer.concat([Buffer.from([0x08, 14]), Buffer.from('value-of-cell-')])
  })
  return Buffer.concat([
    Buffer.from(`01${ID.replaceAll('-', '')}`, 'hex'),
    Buffer.from([key.length]),
    key,
    Buffer.from('10fce9d96a43c0000000', 'hex'),
    Buffer.from([names.length]),
    ...names,
    Buffer.from('012400', 'hex'),
    ...values,
    Buffer.from([1]),
  ])
}
