/**
 * The files that one thread of a proxy appends lines to: private, never changed, a new one when the
 * last is full. Lines wait until `flush`, so that many go with one write.
 * Used by the journal writer for missed writes and, with --write-ahead, for writes on their way.
 * Invariant: lines reach the operating system in the order of `add`; a file that cannot be written
 * loses whole lines only, and `flush` says how many.
 * Spec: live-migration 2.10.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const FILE_BYTES_MAX = 64 * 1024 * 1024

export interface OutFile {
  readonly path: string
  bytes: number
  /** Lines that are still of use; kept by who writes them. */
  open: number
}

export class JournalFilesOut {
  /** Oldest first; the last one is written to. */
  readonly files: OutFile[] = []
  pendingBytes = 0
  readonly #dir: string
  readonly #prefix: string
  readonly #fileBytesMax: number
  #number = 0
  #fd = -1
  /** The last write failed: the file may end inside a line. */
  #isTorn = false
  #pending: string[] = []

  /** Opens the first file; throws when the folder cannot be used. */
  constructor(dir: string, prefix: string, fileBytesMax = FILE_BYTES_MAX) {
    this.#dir = dir
    this.#fileBytesMax = fileBytesMax
    this.#prefix = prefix
    this.#openNext()
  }

  get current(): OutFile {
    return this.files.at(-1)!
  }

  get pendingCount(): number {
    return this.#pending.length
  }

  add(line: string): void {
    this.#pending.push(line)
    this.pendingBytes += line.length
  }

  /** Gives what is pending to the operating system; throws when it does not take it. */
  flush(): void {
    if (this.#pending.length === 0) return
    if (this.current.bytes > this.#fileBytesMax) this.#rotate()
    // After a line that was cut short the next one starts anew; empty lines mean nothing.
    const text = (this.#isTorn ? '\n' : '') + this.#pending.join('')
    this.#pending = []
    this.pendingBytes = 0
    this.#isTorn = true
    this.current.bytes += writeWhole(this.#fd, text)
    this.#isTorn = false
  }

  /** Removes files before the last that nothing is open in, from the oldest on; how many bytes. */
  dropFinished(): number {
    let bytes = 0
    while (this.files.length > 1 && this.files[0]!.open === 0) {
      const file = this.files.shift()!
      bytes += file.bytes
      rmSync(file.path, { force: true })
    }
    return bytes
  }

  /** Ends the last file; it goes when it is of no use. */
  close(isKept: (file: OutFile) => boolean): void {
    if (this.#fd < 0) return
    closeSync(this.#fd)
    this.#fd = -1
    if (!isKept(this.current)) rmSync(this.current.path, { force: true })
  }

  /** The full file goes on while no other can be opened. */
  #rotate(): void {
    try {
      this.#openNext()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall !== 'open') throw error
    }
  }

  #openNext(): void {
    this.#number += 1
    const path = join(this.#dir, `${this.#prefix}-${this.#number}.journal`)
    const opened = openSync(path, 'ax', 0o600)
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = opened
    this.#isTorn = false
    this.files.push({ path, bytes: 0, open: 0 })
  }
}

/** A write may take less than it was given, when the disk is nearly full. */
function writeWhole(fd: number, text: string): number {
  const bytes = Buffer.from(text)
  let at = 0
  while (at < bytes.length) at += writeSync(fd, bytes, at)
  return bytes.length
}
