/**
 * The end of log files, for the message of a server that did not start.
 * Called by the server process only. Missing and empty files are left out.
 * Invariant: reads at most the last 32 KiB of a file.
 */
import { open } from 'node:fs/promises'

const TAIL_BYTES_MAX = 32 * 1024
const TAIL_LINES_MAX = 30

/** The last lines of each file, under its name. */
export async function readLogTail(paths: readonly string[]): Promise<string> {
  const parts: string[] = []
  for (const path of paths) {
    const text = await readEnd(path).catch(() => '')
    const lines = text.trimEnd().split('\n').slice(-TAIL_LINES_MAX)
    if (text.trim() !== '') parts.push(`--- ${path}\n${lines.join('\n')}`)
  }
  return parts.length === 0 ? '(its logs are empty)' : parts.join('\n')
}

async function readEnd(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const length = Math.min(size, TAIL_BYTES_MAX)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
