/**
 * A capture as users run it, for one keyspace: a worker that reads no log itself, the agent beside it
 * as a process, a channel per table; and what arrives in the queues and on a topic.
 * Used by capture-oracle.it.ts. Invariant: everything started here ends with `stop`.
 */
import { Consumer } from '@platformatic/kafka'
import { expect } from 'vitest'
import { Mutation, MutationDecoder } from '../../src/commitlog/index.ts'
import type { SandboxDescription } from '../../src/sandbox/index.ts'
import { type Capture, type Channel, type Frame, requireCapture } from '../../src/source/index.ts'
import { type CaptureWorker, removeFolder, startCaptureWorker } from './capture-servers.ts'
import { freePort } from './free-port.ts'
import { ReplayedTable } from './replayed-table.ts'
import { callRest, type RunningCli, startScamander, until } from './standalone.ts'

const ALL = Array.from({ length: 12 }, (_, i) => i)
const PAGE = 1000
const PATIENCE_MS = 120_000

export interface TopicRecord {
  readonly key: Readonly<Record<string, unknown>>
  readonly value: Readonly<Record<string, unknown>> | null
  readonly headers: Readonly<Record<string, string>>
}

/** Where a change stands in the log: what `scamander.position` says, without the host. */
export type Place = string

export class CaptureScene {
  readonly #description: SandboxDescription
  readonly #keyspace: string
  readonly #worker: CaptureWorker
  #agent: RunningCli | undefined

  private constructor(description: SandboxDescription, keyspace: string, worker: CaptureWorker) {
    this.#description = description
    this.#keyspace = keyspace
    this.#worker = worker
  }

  static async open(description: SandboxDescription, keyspace: string): Promise<CaptureScene> {
    const properties = {
      'cdc.local.agents': 'false',
      listeners: `http://127.0.0.1:${await freePort()}`,
      'key.converter.schemas.enable': 'false',
      'value.converter.schemas.enable': 'false',
    }
    const worker = await startCaptureWorker(description, { properties })
    const scene = new CaptureScene(description, keyspace, worker)
    await scene.startAgent()
    return scene
  }

  get capture(): Capture {
    return requireCapture()
  }

  async startAgent(): Promise<void> {
    const { contactPoints, port } = this.#description.cassandra!
    this.#agent = startScamander([
      ...['cdc-agent', '--contact-point', `${contactPoints[0]}:${port}`],
      ...['--url', this.#worker.url, '--data-dir', `${this.#worker.folder}/agent`],
    ])
    const agent = this.#agent
    await until('the agent', () => agent.output.stderr.includes('captures from node'), PATIENCE_MS)
  }

  async killAgent(): Promise<void> {
    this.#agent?.kill('SIGKILL')
    await this.#agent?.ended
  }

  /** Channels of these tables to the destination `d`. */
  async collect(tables: readonly string[]): Promise<void> {
    await this.capture.createDestination('d', {})
    for (const table of tables) {
      await this.capture.createChannel({ keyspace: this.#keyspace, table, destination: 'd' })
    }
  }

  /** Waits until so many rows of a table are in its queue. */
  async waitFor(table: string, rows: number): Promise<void> {
    const channel = this.channel(table)
    const count = () => [...this.frames(channel)].length === rows
    await until(`${rows} rows of ${table}`, count, PATIENCE_MS)
  }

  channel(table: string): Channel {
    return this.capture.channels({ keyspace: this.#keyspace, table })[0]!
  }

  /** The row frames of a queue. */
  *frames(channel: Channel): Generator<Frame> {
    let after = 0
    for (;;) {
      const page = this.capture.read(channel, { after, partitions: ALL, limit: PAGE })
      if (page.length === 0) return
      after = page.at(-1)!.seq
      for (const { frame } of page) if (!frame.isControl) yield frame
    }
  }

  /** The state that the frames of a queue lead to, and where they stand in the log. */
  replay(table: string): { readonly state: ReplayedTable; readonly places: Place[] } {
    const state = new ReplayedTable()
    const mutation = new Mutation()
    const decoders = new Map<unknown, MutationDecoder>()
    const places: Place[] = []
    for (const frame of this.frames(this.channel(table))) {
      const definition = this.capture.definitionOf(frame)
      let decoder = decoders.get(definition)
      if (decoder === undefined) {
        const schema = { version: 0, tableById: () => definition.table }
        decoder = new MutationDecoder({ schema })
        decoders.set(definition, decoder)
      }
      mutation.bytes = Buffer.concat([Buffer.from([1]), frame.update])
      mutation.start = 0
      mutation.end = mutation.bytes.length
      mutation.version = frame.version
      decoder.decode(mutation)
      state.apply(mutation, mutation.updates[0]!)
      places.push(`${frame.segmentId}:${frame.position}:${frame.updateIndex}`)
    }
    return { state, places }
  }

  /** Starts a connector that delivers everything to the topic. */
  async deliver(topic: string): Promise<void> {
    const config = {
      'connector.class': 'DseSourceConnector',
      'tasks.max': '2',
      ...{ topic, destination: 'd' },
      'scamander.collections': 'delta',
      'scamander.counters': 'skip',
    }
    const made = await callRest(this.#worker.url, 'POST', '/connectors', { name: topic, config })
    expect(made.status).toBe(201)
  }

  /** Reads the topic until all these places have come. */
  async readTopic(topic: string, places: readonly Place[]): Promise<TopicRecord[]> {
    const consumer = new Consumer({
      clientId: 'scamander-test',
      groupId: topic,
      bootstrapBrokers: this.#description.kafka!.bootstrapServers.split(','),
    })
    const missing = new Set(places)
    const records: TopicRecord[] = []
    const stream = await consumer.consume({ topics: [topic], mode: 'earliest', maxWaitTime: 50 })
    stream.on('data', message => {
      const headers = Object.fromEntries([...message.headers].map(pair => pair.map(String)))
      records.push({
        key: JSON.parse(message.key.toString()),
        value: message.value?.length ? JSON.parse(message.value.toString()) : null,
        headers,
      })
      missing.delete(placeOf(headers['scamander.position']!))
    })
    try {
      await until('every change on the topic', () => missing.size === 0, PATIENCE_MS)
      return records
    } finally {
      await consumer.close(true)
    }
  }

  async stop(): Promise<void> {
    this.#agent?.kill('SIGTERM')
    await this.#agent?.ended
    await this.#worker.stop()
    removeFolder(this.#worker.folder)
  }
}

/** `host:segment:position:update:seq` without its ends. */
export function placeOf(position: string): Place {
  return position.split(':').slice(1, 4).join(':')
}
