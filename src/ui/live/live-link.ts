/**
 * How a tab reaches the live connection: by the shared worker of the browser, else by one of its own
 * that is closed while the tab is hidden for a minute.
 * Used by live-store.ts only. Invariant: the same messages come in the same order either way.
 * Spec: ui 4.3.
 */
import type { LiveMessage } from '../../api-v1-live.ts'
import { LiveConnection, type LiveState } from './live-connection.ts'
import { ALIVE_MS, type FromTab, type ToTab } from './tab-messages.ts'

export interface LinkParts {
  readonly onState: (state: LiveState) => void
  readonly onMessage: (message: LiveMessage) => void
}

export interface LiveLink {
  add(topic: string): void
  remove(topic: string): void
  retry(): void
}

const HIDDEN_MS = 60_000

export function openLink(parts: LinkParts): LiveLink {
  return typeof SharedWorker === 'undefined' ? ownLink(parts) : sharedLink(parts)
}

function sharedLink({ onState, onMessage }: LinkParts): LiveLink {
  const worker = new SharedWorker(new URL('./live-worker.ts', import.meta.url), {
    type: 'module',
    name: 'scamander-live',
  })
  const tell = (message: FromTab) => worker.port.postMessage(message)
  worker.port.onmessage = ({ data }: MessageEvent<ToTab>) => {
    if (data.kind === 'state') onState(data.state)
    else onMessage(data.message)
  }
  setInterval(() => tell({ kind: 'alive' }), ALIVE_MS)
  addEventListener('pagehide', ({ persisted }) => {
    if (!persisted) tell({ kind: 'bye' })
  })
  return {
    add: topic => tell({ kind: 'listen', topic }),
    remove: topic => tell({ kind: 'leave', topic }),
    retry: () => tell({ kind: 'retry' }),
  }
}

function ownLink(parts: LinkParts): LiveLink {
  const connection = new LiveConnection(parts)
  connection.open()
  let timer: ReturnType<typeof setTimeout> | undefined
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (document.hidden) timer = setTimeout(() => connection.close(), HIDDEN_MS)
    else connection.open()
  })
  return {
    add: topic => connection.add(topic),
    remove: topic => connection.remove(topic),
    retry: () => connection.retry(),
  }
}
