/**
 * JSON lines about rows that were not copied or differ: opened with the first line, appended to, and
 * flushed line by line, so that a killed run leaves what it told.
 * The file holds row data, because it was asked for: it is readable by its owner only.
 * Spec: live-migration 3.7, 4.4.
 */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { JsonValue } from './value-text.ts'

export class JsonLines {
  readonly path: string | undefined
  #fd: number | undefined
  count = 0

  /** Without a path lines are only counted. */
  constructor(path: string | undefined) {
    this.path = path
  }

  write(line: { readonly [key: string]: JsonValue }): void {
    this.count += 1
    if (this.path === undefined) return
    if (this.#fd === undefined) {
      mkdirSync(dirname(resolve(this.path)), { recursive: true })
      this.#fd = openSync(this.path, 'a', 0o600)
    }
    writeSync(this.#fd, `${JSON.stringify(line)}\n`)
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }
}
