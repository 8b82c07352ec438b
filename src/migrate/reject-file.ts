/**
 * Files about rows that were not copied or differ, JSON lines or others: opened with the first line,
 * appended to, and flushed line by line, so that a killed run leaves what it told.
 * Invariant: a line that cannot be written is an error, never left out.
 * The file holds row data, because it was asked for: it is readable by its owner only.
 * Spec: live-migration 3.7, 4.4.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { MIGRATE_ERRORS } from './errors.ts'
import type { JsonValue } from './value-text.ts'

export class LineFile {
  readonly path: string | undefined
  readonly #head: string
  #fd: number | undefined

  /** Without a path nothing is kept. `head`: of a new file. Throws when the path cannot be used. */
  constructor(path: string | undefined, head = '') {
    this.path = path === undefined ? undefined : resolve(path)
    this.#head = head
    if (path !== undefined) requireWritable(path)
  }

  append(text: string): void {
    if (this.path === undefined) return
    try {
      this.#fd ??= this.#open(this.path)
      writeSync(this.#fd, text)
    } catch (cause) {
      throw unwritable(this.path, cause)
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  #open(path: string): number {
    const fd = openSync(path, 'a', 0o600)
    if (fstatSync(fd).size === 0) writeSync(fd, this.#head)
    return fd
  }
}

export class JsonLines extends LineFile {
  count = 0

  write(line: { readonly [key: string]: JsonValue }): void {
    this.count += 1
    this.append(`${JSON.stringify(line)}\n`)
  }
}

/** Throws when nothing can be written there; makes its folder. A long run must not find out at its end. */
export function requireWritable(path: string): void {
  try {
    const whole = resolve(path)
    const folder = dirname(whole)
    mkdirSync(folder, { recursive: true })
    const found = statSync(whole, { throwIfNoEntry: false })
    if (found?.isDirectory() === true) throw new Error('it is a folder')
    accessSync(found === undefined ? folder : whole, constants.W_OK)
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

/** A whole file at once, for its owner. */
export function writeReport(path: string, text: string): void {
  try {
    writeFileSync(resolve(path), text, { mode: 0o600 })
  } catch (cause) {
    throw unwritable(path, cause)
  }
}

function unwritable(path: string, cause: unknown): ScamanderError {
  const message = `expected to write to ${path}: ${messageOf(cause)}`
  return new ScamanderError(MIGRATE_ERRORS.REPORT, message, { cause })
}
