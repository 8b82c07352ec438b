/**
 * The ledger of a fault test: writes numbered records to a topic, remembers what Kafka confirmed,
 * and afterwards compares all of it with the tables.
 * Per partition, record `seq` writes id `seq mod ids` of that partition, so every id is written
 * often; every 13th record is a delete. Contents and times follow from partition and number alone.
 * Invariants: a record counts only once Kafka confirmed it; one that was not confirmed is sent again
 * before any later one of its partition, so order holds and `seq` grows with the offset.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { expect } from 'vitest'
import type { FaultScene } from './faults.ts'

const IDS_PER_PARTITION = 400
const DELETE_EVERY = 13
/** Recent: Kafka deletes what is older than a week, by the times of the records. */
const START_MS = Date.now() - 3_600_000
const SEND_AGAIN_MS = 200

/** What a check found, for the report of a test. */
export interface LedgerCounts {
  readonly records: number
  readonly rows: number
  readonly deleted: number
  readonly offsetChecks: number
}

export class Ledger {
  /** Per partition: offset of each confirmed record, by its number. */
  readonly offsets: number[][]
  /** Committed offsets that were compared with the journal. */
  offsetChecks = 0
  readonly #scene: FaultScene
  /** Per partition: records known to be in the journal, from the first on. */
  readonly #journaled: number[]
  readonly #poison = new Set<string>()
  #producer: Producer | undefined

  constructor(scene: FaultScene, partitions: number) {
    this.#scene = scene
    this.offsets = Array.from({ length: partitions }, () => [])
    this.#journaled = this.offsets.map(() => 0)
  }

  get count(): number {
    return this.offsets.reduce((sum, one) => sum + one.length, 0)
  }

  /** Sends `count` records, the same number to each partition, at most `perSecond`. */
  async produce(count: number, perSecond = Number.POSITIVE_INFINITY): Promise<void> {
    const partitions = this.offsets.length
    const perRound = 100
    const startedMs = performance.now()
    for (let sent = 0; sent < count; ) {
      for (let part = 0; part < partitions && sent < count; part++) {
        const size = Math.min(perRound, count - sent)
        await this.#send(part, size)
        sent += size
      }
      const aheadMs = (sent / perSecond) * 1000 - (performance.now() - startedMs)
      if (aheadMs > 0) await sleep(aheadMs)
    }
  }

  /** One record that no mapping accepts: its content is not JSON. Answers its offset. */
  async poison(part: number): Promise<number> {
    this.#poison.add(`${part}/${this.offsets[part]!.length}`)
    await this.#send(part, 1)
    return this.offsets[part]!.at(-1)!
  }

  /** Nothing committed is missing from the journal. A Kafka that is away is no failure of it. */
  async checkCommitted(): Promise<readonly number[]> {
    const committed = await this.#scene.committed().catch(() => undefined)
    if (committed === undefined) return []
    for (let part = 0; part < this.offsets.length; part++) {
      const before = committed[part] ?? 0
      const end = this.offsets[part]!.findLastIndex(offset => offset < before) + 1
      await this.#checkJournal(part, end, `committed offset ${before}`)
      this.offsetChecks += 1
    }
    return committed
  }

  /** Samples until told to stop, also while Cassandra is away; answers a function that ends it. */
  watch(everyMs = 250): () => Promise<void> {
    const stop = new AbortController()
    let failure: unknown
    const work = async () => {
      while (!stop.signal.aborted) {
        try {
          await this.checkCommitted()
        } catch (error) {
          if (isAssertion(error)) {
            failure = error
            return
          }
          // The witness cannot reach Cassandra now; the next sample looks at the same rows.
        }
        await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined)
      }
    }
    const working = work()
    return async () => {
      stop.abort()
      await working
      if (failure !== undefined) throw failure
    }
  }

  /** Waits until everything confirmed is committed; answers milliseconds. */
  async waitCommitted(timeoutMs = 60_000): Promise<number> {
    const startedMs = performance.now()
    for (;;) {
      const committed = await this.#scene.committed().catch(() => [])
      const isDone = this.offsets.every(
        (one, part) => one.length === 0 || (committed[part] ?? 0) > one.at(-1)!,
      )
      if (isDone) return Math.round(performance.now() - startedMs)
      if (performance.now() - startedMs > timeoutMs) {
        const wanted = this.offsets.map(one => (one.at(-1) ?? -1) + 1).join()
        throw new Error(`committed ${committed.join()} of ${wanted} after ${timeoutMs} ms`)
      }
      await sleep(100)
    }
  }

  /** Every record is there, with the last content of its id, and nothing else. */
  async verify(): Promise<LedgerCounts> {
    for (let part = 0; part < this.offsets.length; part++) {
      this.#journaled[part] = 0
      await this.#checkJournal(part, this.offsets[part]!.length, 'the end')
    }
    const { client, name } = this.#scene.keyspace
    const journal = await client.execute(`SELECT count(*) AS n FROM ${name}.journal`)
    expect(Number(journal.first()['n'])).toBe(this.count - this.#poison.size)
    const expected = this.#lastContents()
    const { rows } = await client.execute(`SELECT id, seq, body FROM ${name}.state`, [], {
      fetchSize: 50_000,
    })
    const found = new Map(rows.map(row => [String(row['id']), `${row['seq']} ${row['body']}`]))
    const live = [...expected].filter(([, content]) => content !== undefined)
    expect([...found].sort()).toEqual(live.sort())
    return {
      records: this.count,
      rows: rows.length,
      deleted: expected.size - rows.length,
      offsetChecks: this.offsetChecks,
    }
  }

  /** Counts beyond one per record. `floors`: what was committed when each fault struck. */
  async verifyRepetitions(floors: readonly (readonly number[])[]): Promise<number> {
    const { client, name } = this.#scene.keyspace
    const query = `SELECT part, seq, n FROM ${name}.hits`
    const { rows } = await client.execute(query, [], { fetchSize: 50_000 })
    expect(rows.length).toBe(this.count - this.#poison.size)
    let repeated = 0
    const broken: string[] = []
    for (const row of rows) {
      const [part, seq, n] = [row['part'], row['seq'], Number(row['n'])]
      const offset = this.offsets[part]![seq]!
      const allowed = 1 + floors.filter(floor => offset >= (floor[part] ?? 0)).length
      repeated += n - 1
      if (n < 1 || n > allowed) broken.push(`${part}/${offset}: ${n} times, ${allowed} allowed`)
    }
    expect(broken).toEqual([])
    return repeated
  }

  async close(): Promise<void> {
    await this.#producer?.close()
  }

  /** The next records of one partition, again and again until Kafka confirms them. */
  async #send(part: number, size: number): Promise<void> {
    const known = this.offsets[part]!
    const first = known.length
    const messages = Array.from({ length: size }, (_, i) => this.#message(part, first + i))
    for (;;) {
      try {
        const { offsets } = await this.#connected().send({ messages, acks: -1 })
        const base = Number(offsets![0]!.offset)
        for (let i = 0; i < size; i++) known.push(base + i)
        return
      } catch {
        await this.#producer?.close().catch(() => undefined)
        this.#producer = undefined
        await sleep(SEND_AGAIN_MS)
      }
    }
  }

  #connected(): Producer {
    this.#producer ??= new Producer({
      clientId: 'scamander-ledger',
      bootstrapBrokers: this.#scene.kafka.bootstrapServers.split(','),
      retries: 0,
      timeout: 5000,
    })
    return this.#producer
  }

  #message(part: number, seq: number) {
    const id = idOf(part, seq)
    const value = this.#poison.has(`${part}/${seq}`) ? 'not JSON' : contentOf(part, seq)?.json
    return {
      topic: this.#scene.topic.name,
      partition: part,
      key: Buffer.from(JSON.stringify({ id, part, seq, one: 1 })),
      ...(value === undefined ? {} : { value: Buffer.from(value) }),
      timestamp: BigInt(START_MS + seq),
    }
  }

  async #checkJournal(part: number, end: number, why: string): Promise<void> {
    const from = this.#journaled[part]!
    if (end <= from) return
    const { client, name } = this.#scene.keyspace
    const query = `SELECT seq, body FROM ${name}.journal WHERE part = ? AND seq >= ? AND seq < ?`
    const options = { prepare: true, fetchSize: 50_000 }
    const { rows } = await client.execute(query, [part, from, end], options)
    const bodies = new Map(rows.map(row => [row['seq'], row['body']]))
    const missing: number[] = []
    for (let seq = from; seq < end; seq++) {
      if (this.#poison.has(`${part}/${seq}`)) continue
      if (bodies.get(seq) !== (contentOf(part, seq)?.body ?? null)) missing.push(seq)
    }
    const range = `${missing.length} of ${from}..${end - 1}, from ${missing[0]} to ${missing.at(-1)}`
    if (missing.length > 0) expect.fail(`partition ${part}, ${why}: wrong or missing ${range}`)
    this.#journaled[part] = end
  }

  /** Undefined: deleted. */
  #lastContents(): Map<string, string | undefined> {
    const last = new Map<string, string | undefined>()
    for (let part = 0; part < this.offsets.length; part++) {
      for (let seq = 0; seq < this.offsets[part]!.length; seq++) {
        if (this.#poison.has(`${part}/${seq}`)) continue
        const content = contentOf(part, seq)
        last.set(idOf(part, seq), content && `${seq} ${content.body}`)
      }
    }
    return last
  }
}

function idOf(part: number, seq: number): string {
  return `p${part}-${seq % IDS_PER_PARTITION}`
}

function contentOf(part: number, seq: number): { body: string; json: string } | undefined {
  if (seq % DELETE_EVERY === 0) return undefined
  const body = `record ${seq} of partition ${part}`
  return { body, json: JSON.stringify({ seq, body }) }
}

function isAssertion(error: unknown): boolean {
  return error instanceof Error && error.name === 'AssertionError'
}
