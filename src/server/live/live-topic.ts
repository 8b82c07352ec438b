/**
 * What a live topic is: rooms of routes provide them, `LiveHub` opens one feed per topic however many
 * browsers look, and closes it after the last one.
 * A topic with a state tells it whole with `state`; the hub sends what changed. A tail tells `items`.
 * Spec: ui 4.3.
 */
import type { Role } from '../../api-v1.ts'
import type { Logger } from '../../telemetry/index.ts'

export interface LiveSink {
  /** The whole state; call it as often as you like. */
  state(data: unknown): void
  /** New items of a tail, oldest first; `skipped` more are not told. */
  items(items: readonly unknown[], skipped?: number): void
}

export interface LiveFeed {
  close(): void
}

export interface LiveTopic {
  /** Who may look. @default 'viewer' */
  readonly least?: Role
  /** What may stand behind the colon of the topic's name: each is read on its own. @default only nothing */
  readonly keys?: readonly string[]
  /** How many of the last items of a tail a new subscriber gets. @default 0 */
  readonly keep?: number
  /** `key` is what stands behind the colon of the topic's name, else empty. A thrown error refuses. */
  open(key: string, sink: LiveSink): LiveFeed
}

/** A read that takes long is done less often: at most a tenth of the time is spent on it. */
const SHARE = 9

/** A topic that is read again and again while somebody looks. */
export function polledTopic(
  read: (key: string) => unknown,
  of: { readonly everyMs: number; readonly logger: Logger; readonly least?: Role },
): LiveTopic {
  const { everyMs, logger, least = 'viewer' } = of
  const open = (key: string, sink: LiveSink): LiveFeed => {
    let timer: NodeJS.Timeout | undefined
    let isOpen = true
    const again = async () => {
      const startedMs = performance.now()
      try {
        const data = await read(key)
        if (isOpen) sink.state(data)
      } catch (error) {
        logger.warnLimited('live', `a live topic could not be read: ${String(error)}`)
      }
      const tookMs = performance.now() - startedMs
      if (isOpen) timer = setTimeout(() => void again(), Math.max(everyMs, tookMs * SHARE))
    }
    void again()
    return {
      close: () => {
        isOpen = false
        clearTimeout(timer)
      },
    }
  }
  return { least, open }
}

const CHANGED_MS = 500
const ANYWAY_MS = 30_000

/** A topic that is read after something happened, at most twice a second, and now and then anyway. */
export function changedTopic(
  read: (key: string) => unknown,
  onChange: (listener: () => void) => () => void,
  least: Role = 'viewer',
): LiveTopic {
  const open = (key: string, sink: LiveSink): LiveFeed => {
    sink.state(read(key))
    let timer: NodeJS.Timeout | undefined
    const readSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        sink.state(read(key))
      }, CHANGED_MS)
    }
    const stop = onChange(readSoon)
    const anyway = setInterval(readSoon, ANYWAY_MS)
    return {
      close: () => {
        stop()
        clearTimeout(timer)
        clearInterval(anyway)
      },
    }
  }
  return { least, open }
}
