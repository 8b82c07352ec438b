/**
 * The segment files that a dump is asked for: files as given, folders by their names, in the order
 * of their ids.
 * Spec: cdc-replication 2.6; commit-log 2.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import { compareSegments, parseSegmentName } from '../../../commitlog/index.ts'
import { CDC_ERRORS } from '../errors.ts'

export interface DumpFile {
  readonly path: string
  readonly name: string
  /** Undefined for a file with another name than a segment's. */
  readonly segmentId: bigint | undefined
}

export async function listDumpFiles(paths: readonly string[]): Promise<DumpFile[]> {
  const all = await Promise.all(paths.map(listOne))
  const unique = new Map(all.flat().map(file => [file.path, file]))
  return [...unique.values()].sort((a, b) => {
    if (a.segmentId === undefined || b.segmentId === undefined) {
      return Number(a.segmentId !== undefined) - Number(b.segmentId !== undefined)
    }
    return compareSegments(
      { version: 0, segmentId: a.segmentId },
      { version: 0, segmentId: b.segmentId },
    )
  })
}

async function listOne(path: string): Promise<DumpFile[]> {
  try {
    const found = await stat(path)
    if (!found.isDirectory()) return [fileOf(path)]
    const names = (await readdir(path)).filter(name => parseSegmentName(name) !== undefined)
    return names.map(name => fileOf(join(path, name)))
  } catch (cause) {
    const message = `${path}: expected a segment file or a folder of them: ${messageOf(cause)}`
    throw new ScamanderError(CDC_ERRORS.DUMP_OPTION, message, { cause })
  }
}

function fileOf(path: string): DumpFile {
  const name = basename(path)
  return { path, name, segmentId: parseSegmentName(name)?.segmentId }
}
