/**
 * The shared worker of a browser: holds the live connection for all tabs of this server.
 * Started by live-link.ts; the first tab opens it, it ends with the last one.
 * Invariants: one connection however many tabs; a tab gets only the topics that it wants; tabs that
 * went without a word are forgotten after a while.
 * Spec: ui 4.3.
 */
import { LiveConnection } from './live-connection.ts'
import { LiveTopics } from './live-topics.ts'
import { type FromTab, LOST_MS, type ToTab } from './tab-messages.ts'

interface Tab {
  readonly port: MessagePort
  readonly leave: Map<string, () => void>
  aliveMs: number
}

const tabs = new Set<Tab>()
const topics = new LiveTopics({
  onFirst: topic => connection.add(topic),
  onNobody: topic => connection.remove(topic),
})
const connection = new LiveConnection({
  onState: state => tellAll({ kind: 'state', state }),
  onMessage: message => {
    if (message.event !== 'hello') return topics.take(message)
    if (!message.data.resumed) topics.reset()
    tellAll({ kind: 'message', message })
  },
})

function tellAll(message: ToTab): void {
  for (const { port } of tabs) port.postMessage(message)
}

function join(port: MessagePort): void {
  const tab: Tab = { port, leave: new Map(), aliveMs: performance.now() }
  tabs.add(tab)
  port.onmessage = ({ data }: MessageEvent<FromTab>) => {
    tab.aliveMs = performance.now()
    take(tab, data)
  }
  port.postMessage({ kind: 'state', state: connection.state } satisfies ToTab)
  connection.open()
}

function take(tab: Tab, message: FromTab): void {
  if (message.kind === 'retry') connection.retry()
  else if (message.kind === 'bye') forget(tab)
  else if (message.kind === 'listen' && !tab.leave.has(message.topic)) {
    const tell = (told: Parameters<typeof topics.take>[0]) =>
      tab.port.postMessage({ kind: 'message', message: told } satisfies ToTab)
    tab.leave.set(message.topic, topics.listen(message.topic, tell))
  } else if (message.kind === 'leave') {
    tab.leave.get(message.topic)?.()
    tab.leave.delete(message.topic)
  }
}

function forget(tab: Tab): void {
  for (const leave of tab.leave.values()) leave()
  tabs.delete(tab)
  tab.port.close()
  if (tabs.size === 0) connection.close()
}

setInterval(() => {
  const now = performance.now()
  for (const tab of [...tabs]) if (now - tab.aliveMs > LOST_MS) forget(tab)
}, LOST_MS / 6)

addEventListener('connect', event => {
  for (const port of (event as MessageEvent).ports) join(port)
})
