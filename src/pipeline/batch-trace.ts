/**
 * The spans of one batch: its own with one for each step, and one in the trace of every record that
 * its sender asked to follow. Begun by the sink task and the source task; undefined while traces are
 * off or the batch is not sampled.
 * Invariant: spans count records and name topics, partitions, offsets and codes; nothing of what is
 * in a record.
 * Spec: docs/adr/0029-traces.md; OpenTelemetry, conventions for messaging.
 */
import {
  beginSpan,
  isTracing,
  type Span,
  type SpanAttributes,
  type SpanKind,
} from '../telemetry/index.ts'
import { FOLLOWED_MAX, type Followed, followedOf } from './trace-context.ts'

interface Traced {
  readonly topic: string
  /** Of a record read from Kafka; a source has none. */
  readonly partition?: number
  readonly offset?: number
  readonly headers: readonly { readonly name: string; readonly value: unknown }[]
}

export interface BatchOptions {
  readonly connector: string
  readonly task: number
  /** From Kafka, or to it. */
  readonly operation: 'process' | 'publish'
  /** When reading began, milliseconds since 1970. */
  readonly startMs: number
}

/** For `startMs`: 0 while nobody asks. */
export function traceStartMs(): number {
  return isTracing() ? Date.now() : 0
}

/** Of a batch that is not empty. The reading of it is its first step, and over. */
export function beginBatch(
  items: readonly Traced[],
  options: BatchOptions,
): BatchTrace | undefined {
  if (!isTracing()) return undefined
  const followed = followedOf(items)
  const { operation, startMs } = options
  const isProcess = operation === 'process'
  const root = beginSpan({
    name: nameOf(operation, items),
    kind: isProcess ? 'consumer' : 'producer',
    // Of one record its trace goes on; a batch of several belongs to none of theirs.
    parent: items.length === 1 ? followed[0]?.traceparent : undefined,
    links: items.length === 1 ? [] : followed.map(one => one.traceparent),
    attributes: { ...attributesOf(items, options), 'messaging.batch.message_count': items.length },
    startMs: startMs === 0 ? undefined : startMs,
  })
  if (root === undefined) return undefined
  const followers = new Map(
    items.length === 1 ? [] : followed.map(one => [one.item, follow(one, root, options)]),
  )
  const trace = new BatchTrace(root, followers)
  trace.step('receive', 'client', {}, startMs)?.end()
  return root.isRecording || followers.size > 0 ? trace : undefined
}

function follow({ item, traceparent }: Followed<Traced>, root: Span, options: BatchOptions): Span {
  const span = beginSpan({
    name: nameOf(options.operation, [item]),
    kind: options.operation === 'process' ? 'consumer' : 'producer',
    parent: traceparent,
    links: [root],
    attributes: attributesOf([item], options),
  })
  // Traces are on, or there would be no root.
  return span ?? root
}

export class BatchTrace {
  readonly root: Span
  readonly #followers: ReadonlyMap<object, Span>

  constructor(root: Span, followers: ReadonlyMap<object, Span>) {
    this.root = root
    this.#followers = followers
  }

  /** Undefined: nobody would see it. */
  step(
    name: string,
    kind: SpanKind,
    attributes: SpanAttributes = {},
    startMs = 0,
  ): Span | undefined {
    if (!this.root.isRecording) return undefined
    return beginSpan({
      name,
      kind,
      parent: this.root,
      attributes,
      startMs: startMs === 0 ? undefined : startMs,
    })
  }

  /** That record did not get through, whatever the policy does with it. */
  failed(item: object, error: unknown): void {
    this.#followers.get(item)?.end(error)
  }

  /** With an error nothing of the batch got through. */
  end(attributes: SpanAttributes, error?: unknown): void {
    this.root.set(attributes)
    this.root.end(error)
    for (const span of this.#followers.values()) span.end(error)
  }
}

/** What a commit covers: it is a step of the last batch, linked with those before it. */
export class CommitTrace {
  #batches: Span[] = []

  add(trace: BatchTrace | undefined): void {
    if (trace?.root.isRecording !== true) return
    this.#batches.push(trace.root)
    if (this.#batches.length > FOLLOWED_MAX) this.#batches.shift()
  }

  /** Undefined: nothing that is traced was settled since the last one. */
  begin(attributes: SpanAttributes): Span | undefined {
    const last = this.#batches.pop()
    const links = this.#batches
    this.#batches = []
    if (last === undefined) return undefined
    return beginSpan({ name: 'commit', kind: 'client', parent: last, links, attributes })
  }
}

function nameOf(operation: string, items: readonly Traced[]): string {
  const topic = sameOf(items, one => one.topic)
  return topic === undefined ? operation : `${operation} ${topic}`
}

function attributesOf(items: readonly Traced[], options: BatchOptions): SpanAttributes {
  const { connector, task, operation } = options
  const isProcess = operation === 'process'
  const partition = isProcess ? sameOf(items, one => one.partition) : undefined
  return {
    'messaging.system': 'kafka',
    'messaging.operation.type': isProcess ? 'process' : 'send',
    'messaging.operation.name': operation,
    'messaging.destination.name': sameOf(items, one => one.topic),
    'messaging.destination.partition.id': partition?.toString(),
    'messaging.kafka.offset': items.length === 1 && isProcess ? items[0]?.offset : undefined,
    'scamander.connector': connector,
    'scamander.task': task,
  }
}

/** Undefined: they differ. */
function sameOf<T, V>(items: readonly T[], read: (item: T) => V): V | undefined {
  const [first] = items
  if (first === undefined) return undefined
  const value = read(first)
  return items.every(one => read(one) === value) ? value : undefined
}
