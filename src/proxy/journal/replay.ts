/**
 * Writes to a cluster what it missed: every entry of a journal folder, oldest first, with its first
 * timestamp, so that a replay may be repeated.
 * Called by `scamander proxy-replay`.
 * Invariants: at most REPLAY_WINDOW writes at once; changes of the schema go alone; entries that a
 * repetition could damage are listed, not written; what was written is not written by the next run.
 * Spec: live-migration 2.10.
 */
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../base/scamander-error.ts'
import { ByteReader, isProtocolVersion, OPCODE, readLongString } from '../../cql/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { ClusterName } from '../cluster.ts'
import type { Endpoint } from '../link/endpoint.ts'
import type { Login } from '../session/login-desk.ts'
import { classify } from '../statement/classify.ts'
import type { JournalEntry } from './journal-entry.ts'
import { type JournalGroup, keepRest, listJournal, readDone, readJournal } from './journal-files.ts'
import { REPLAY_WINDOW, ReplayLink } from './replay-link.ts'

export interface ReplayOptions {
  readonly dir: string
  readonly endpoint: Endpoint
  readonly login: Login | undefined
  /** Entries that this cluster missed. */
  readonly cluster: ClusterName
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface ReplayResult {
  /** Written now. */
  replayed: number
  /** Counters, conditions, list appends: listed in cannot-replay.jsonl. */
  refused: number
  failed: number
  /** Lines that are not whole: the proxy was killed while it wrote them. */
  broken: number
}

/** An entry with its place in its file. */
interface Left {
  readonly index: number
  readonly entry: JournalEntry
}

const REFUSED_FILE = 'cannot-replay.jsonl'

export async function replayJournal(options: ReplayOptions): Promise<ReplayResult> {
  const replay = new Replay(options)
  try {
    for (const group of await listJournal(options.dir)) await replay.runGroup(group)
  } finally {
    replay.close()
  }
  return replay.result
}

class Replay {
  readonly result: ReplayResult = { replayed: 0, refused: 0, failed: 0, broken: 0 }
  readonly #options: ReplayOptions
  readonly #links = new Map<string, Promise<ReplayLink>>()
  readonly #running = new Set<Promise<void>>()
  #failure: unknown

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** Files of one writer, oldest first: marks of writes that are done concern earlier lines only. */
  async runGroup({ kind, paths, isOpen }: JournalGroup): Promise<void> {
    const done = kind === 'ahead' ? await readDone(paths) : undefined
    for (const path of paths) {
      if (this.#options.signal.aborted) break
      const left = await this.#runFile(path, done)
      const isWritten = isOpen && path === paths.at(-1)
      if (!isWritten) await keepRest(path, left)
      if (this.#failure !== undefined) throw this.#failure
    }
  }

  /** What is left of the file for another run, in order: failed, not reached, of the other cluster. */
  async #runFile(path: string, done?: ReadonlySet<number>): Promise<JournalEntry[]> {
    const { cluster, signal } = this.#options
    const left: Left[] = []
    let index = 0
    for await (const entry of readJournal(path, done)) {
      index += 1
      if (entry === undefined) this.result.broken += 1
      else if (signal.aborted || this.#failure !== undefined || entry.cluster !== cluster) {
        left.push({ index, entry })
      } else if (entry.obstacle !== undefined) await this.#refuse(entry)
      else await this.#write({ index, entry }, left)
    }
    await this.#idle()
    return left.sort((a, b) => a.index - b.index).map(one => one.entry)
  }

  close(): void {
    for (const link of this.#links.values()) {
      link.then(
        open => open.close(),
        () => undefined,
      )
    }
  }

  async #write(one: Left, left: Left[]): Promise<void> {
    const isAlone = changesSchema(one.entry)
    if (isAlone) await this.#idle()
    let link: ReplayLink
    try {
      link = await this.#linkFor(one.entry)
    } catch (error) {
      // The cluster cannot be reached: the rest of the file is kept, then this is told.
      this.#failure = error
      left.push(one)
      return
    }
    const run = this.#send(link, one, left).finally(() => this.#running.delete(run))
    this.#running.add(run)
    if (isAlone) await this.#idle()
    else if (this.#running.size >= REPLAY_WINDOW) await Promise.race(this.#running)
  }

  async #send(link: ReplayLink, one: Left, left: Left[]): Promise<void> {
    const problem = await link.send(one.entry).catch(messageOf)
    if (problem === undefined) {
      this.result.replayed += 1
      return
    }
    this.result.failed += 1
    left.push(one)
    this.#options.logger.warnLimited('replay', `a write was not taken: ${problem}; run again later`)
  }

  async #refuse(entry: JournalEntry): Promise<void> {
    this.result.refused += 1
    const path = join(this.#options.dir, REFUSED_FILE)
    await appendFile(path, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
  }

  /** One link for each version and keyspace, because unqualified names depend on it. */
  async #linkFor(entry: JournalEntry): Promise<ReplayLink> {
    const keyspace = entry.statements.find(one => one.keyspace !== undefined)?.keyspace
    const used = entry.keyspace ?? keyspace
    const key = `${entry.version} ${used ?? ''}`
    const known = this.#links.get(key)
    if (known !== undefined && !(await known).isClosed) return await known
    const { endpoint, login } = this.#options
    const version = isProtocolVersion(entry.version) ? entry.version : 4
    const opened = ReplayLink.open({ endpoint, login, version, keyspace: used })
    this.#links.set(key, opened)
    return await opened
  }

  async #idle(): Promise<void> {
    await Promise.all(this.#running)
  }
}

function changesSchema(entry: JournalEntry): boolean {
  if (entry.opcode === OPCODE.EXECUTE) {
    return entry.statements.some(one => classify(one.query).kind === 'schema')
  }
  if (entry.opcode !== OPCODE.QUERY) return false
  const text = readLongString(new ByteReader(Buffer.from(entry.body, 'base64')))
  return classify(text).kind === 'schema'
}
