/**
 * The audit log: how many changes were queued, read, sent and forgotten, per table and destination, as
 * lines of JSON that `replog analyze-audit-log` sums up. Off by default.
 *
 *     {"t":"2026-01-01T00:00:00.000Z","ks":"demo_ks","table":"demo_table","dest":"d","ev":"insert","n":12}
 *
 * Counts are gathered and written once a second, so that a batch costs no system call. Old files get
 * a number behind their name; files past their life span are deleted.
 * Spec: cdc-replication 2.4.
 */
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { messageOf } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { Channel } from './state/records.ts'

export type AuditEvent =
  | 'insert'
  | 'insertError'
  | 'read'
  | 'sent'
  | 'delete'
  | 'readError'
  | 'deleteError'

export interface AuditConf {
  readonly enabled: boolean
  readonly compression: 'none' | 'gzip'
  /** Relative ones lie below `directory`. */
  readonly file: string
  /** 0: never. */
  readonly rotateMinutes: number
  /** 0: kept for ever. */
  readonly lifeMinutes: number
}

export interface AuditParts {
  readonly directory: string
  readonly logger: Logger
  conf(): AuditConf
  channel(id: number): Channel | undefined
}

const FLUSH_MS = 1000
const MINUTE_MS = 60_000
const compress = promisify(gzip)

export class AuditLog {
  readonly #parts: AuditParts
  readonly #pending = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #last: Promise<void> = Promise.resolve()
  #rotatedMs = Date.now()

  constructor(parts: AuditParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS)
    this.#timer.unref()
  }

  add(event: AuditEvent, channelId: number, count: number): void {
    if (count === 0 || !this.#parts.conf().enabled) return
    const key = `${channelId}/${event}`
    this.#pending.set(key, (this.#pending.get(key) ?? 0) + count)
  }

  /** Writes what was counted; a failure is told and costs these lines. */
  flush(): Promise<void> {
    this.#last = this.#last
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#parts.logger.warnLimited(
          'audit',
          `the audit log was not written: ${messageOf(error)}`,
        )
      })
    return this.#last
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #write(): Promise<void> {
    const conf = this.#parts.conf()
    const lines: string[] = []
    const t = new Date().toISOString()
    for (const [key, n] of this.#pending) {
      const [id, ev] = key.split('/')
      const channel = this.#parts.channel(Number(id))
      if (channel === undefined) continue
      const { keyspace: ks, table, destination: dest } = channel
      lines.push(`${JSON.stringify({ t, ks, table, dest, ev, n })}\n`)
    }
    this.#pending.clear()
    if (lines.length === 0) return
    const path = resolve(this.#parts.directory, conf.file)
    await mkdir(dirname(path), { recursive: true })
    await this.#rotate(path, conf)
    await appendFile(path, lines.join(''))
  }

  async #rotate(path: string, conf: AuditConf): Promise<void> {
    if (conf.rotateMinutes === 0) return
    if (Date.now() - this.#rotatedMs < conf.rotateMinutes * MINUTE_MS) return
    this.#rotatedMs = Date.now()
    const folder = dirname(path)
    const old = await rotatedFiles(folder, basename(path))
    const next = Math.max(0, ...old.map(one => one.number)) + 1
    const target = `${path}.${next}`
    await rename(path, target).catch(ignoreMissing)
    if (conf.compression === 'gzip') await compressFile(target)
    if (conf.lifeMinutes === 0) return
    for (const { name } of old) {
      const found = await stat(join(folder, name)).catch(ignoreMissing)
      const isOld = found !== undefined && Date.now() - found.mtimeMs > conf.lifeMinutes * MINUTE_MS
      if (isOld) await rm(join(folder, name), { force: true })
    }
  }
}

async function compressFile(path: string): Promise<void> {
  const text = await readFile(path).catch(ignoreMissing)
  if (text === undefined) return
  await writeFile(`${path}.gz`, await compress(text))
  await rm(path)
}

async function rotatedFiles(folder: string, base: string) {
  const names = await readdir(folder)
  return names.flatMap(name => {
    const number = name.startsWith(`${base}.`)
      ? /^(\d+)(\.gz)?$/.exec(name.slice(base.length + 1))?.[1]
      : undefined
    return number === undefined ? [] : [{ name, number: Number(number) }]
  })
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}
