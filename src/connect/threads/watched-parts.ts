/**
 * The parts of a task in which its configuration and its records do the work (transforms,
 * converters, mapping), marked while they execute, so that whoever watches the thread knows whose
 * code does not return.
 * Used by sink-task-parts.ts and source-task-parts.ts for tasks in threads; without a mark the parts
 * are as they are.
 * Invariant: the mark is gone whenever the code has returned or thrown.
 */
import type { FlowRecord, RawMessage, RecordSource, Sink, SourceRecord } from '../../flow/index.ts'
import {
  type DecoderParts,
  type EncoderParts,
  RecordDecoder,
  RecordEncoder,
  type RecordPlace,
} from '../../pipeline/index.ts'

export interface TaskMark {
  enter(): void
  leave(): void
}

export function watchedDecoder(parts: DecoderParts, mark: TaskMark | undefined): RecordDecoder {
  return mark === undefined ? new RecordDecoder(parts) : new WatchedDecoder(parts, mark)
}

export function watchedEncoder(parts: EncoderParts, mark: TaskMark | undefined): RecordEncoder {
  return mark === undefined ? new RecordEncoder(parts) : new WatchedEncoder(parts, mark)
}

/** What `write` does before it waits is marked. */
export function watchedSink(sink: Sink, mark: TaskMark | undefined): Sink {
  if (mark === undefined) return sink
  const { positionMetadata, restorePosition, unanswered } = sink
  return {
    open: signal => sink.open(signal),
    write: (records, signal) => marked(mark, () => sink.write(records, signal)),
    close: () => sink.close(),
    get concurrentWritesMax() {
      return sink.concurrentWritesMax
    },
    ...(positionMetadata && { positionMetadata: positionMetadata.bind(sink) }),
    ...(restorePosition && { restorePosition: restorePosition.bind(sink) }),
    ...(unanswered && { unanswered: unanswered.bind(sink) }),
  }
}

/** What `read` does before it waits is marked. */
export function watchedSource(source: RecordSource, mark: TaskMark | undefined): RecordSource {
  if (mark === undefined) return source
  const { commit } = source
  return {
    open: (opening, signal) => source.open(opening, signal),
    read: signal => marked(mark, () => source.read(signal)),
    close: () => source.close(),
    ...(commit && { commit: commit.bind(source) }),
  }
}

class WatchedDecoder extends RecordDecoder {
  readonly #mark: TaskMark

  constructor(parts: DecoderParts, mark: TaskMark) {
    super(parts)
    this.#mark = mark
  }

  override decode(message: RawMessage): ReturnType<RecordDecoder['decode']> {
    this.#mark.enter()
    try {
      return super.decode(message)
    } finally {
      this.#mark.leave()
    }
  }
}

class WatchedEncoder extends RecordEncoder {
  readonly #mark: TaskMark

  constructor(parts: EncoderParts, mark: TaskMark) {
    super(parts)
    this.#mark = mark
  }

  override transform(record: SourceRecord): ReturnType<RecordEncoder['transform']> {
    return marked(this.#mark, () => super.transform(record))
  }

  override encode(record: FlowRecord, place: RecordPlace): ReturnType<RecordEncoder['encode']> {
    return marked(this.#mark, () => super.encode(record, place))
  }
}

function marked<T>(mark: TaskMark, work: () => T): T {
  mark.enter()
  try {
    return work()
  } finally {
    mark.leave()
  }
}
