/**
 * What happened to connectors since the worker started: acts of people by the calls that made them, and
 * changes of state as they are seen. In memory, for the page.
 * Made for a worker's listeners. Invariants: bounded per connector; a call counts only when it
 * succeeded; what nobody did has no name beside it.
 * Spec: ui 5.4 (activity).
 */
import type { ExpandedConnector } from '../api.ts'
import type { ConnectorEvent } from '../api-v1-connectors.ts'
import type { ChangeInfo } from '../api-v1-home.ts'
import { type Answer, nameOf, type Route } from './route.ts'

const EVENTS_MAX = 200
const CONNECTORS_MAX = 2_000
const STEP_MS = 2_000
const OK_MAX = 299

/** By method and path; what is not here leaves no trace. */
const ACTS: Readonly<Record<string, string>> = {
  'PUT /connectors/:name/config': 'configuration replaced',
  'PATCH /connectors/:name/config': 'configuration changed',
  'PUT /connectors/:name/pause': 'paused',
  'PUT /connectors/:name/resume': 'resumed',
  'PUT /connectors/:name/stop': 'stopped',
  'POST /connectors/:name/restart': 'restarted',
  'POST /connectors/:name/tasks/:task/restart': 'task restarted',
  'PATCH /connectors/:name/offsets': 'offsets changed',
  'DELETE /connectors/:name/offsets': 'offsets reset',
  'PUT /connectors/:name/topics/reset': 'list of topics reset',
  'POST /api/v1/connectors/:name/dead-letters/replay': 'dead letters replayed',
}

type States = ReadonlyMap<string, string>

export class ConnectorActivity {
  readonly #events = new Map<string, ConnectorEvent[]>()
  readonly #read: () => Promise<Readonly<Record<string, ExpandedConnector>>>
  readonly #timer: NodeJS.Timeout
  #states: ReadonlyMap<string, States> | undefined
  #isReading = false

  constructor(read: () => Promise<Readonly<Record<string, ExpandedConnector>>>) {
    this.#read = read
    this.#timer = setInterval(() => void this.#step(), STEP_MS).unref()
  }

  /** Newest first. */
  list(name: string): readonly ConnectorEvent[] {
    return (this.#events.get(name) ?? []).toReversed()
  }

  /** Of all connectors, newest first. */
  recent(limit: number): readonly ChangeInfo[] {
    const all = [...this.#events].flatMap(([connector, events]) =>
      events.slice(-limit).map(one => ({ connector, ...one })),
    )
    return all.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, limit)
  }

  /** Who changed the configuration a moment ago; empty: nobody here. */
  changedBy(name: string, nowMs = Date.now()): string {
    const changed = this.list(name).find(one => one.text.startsWith('configuration '))
    const isRecent = changed !== undefined && nowMs - Date.parse(changed.at) < 2 * STEP_MS
    return isRecent ? changed.by : ''
  }

  /** The same routes, whose successful acts are noted; `whoCalls` names the caller. */
  watched(
    routes: readonly Route[],
    whoCalls: (authorization: string | undefined) => string,
  ): Route[] {
    return routes.map(route => {
      const text = ACTS[`${route.method} ${route.path.replace(/:id\b|:task\w*/, ':task')}`]
      if (text === undefined) return route
      const handle: Route['handle'] = async call => {
        const answer: Answer = await route.handle(call)
        const by = whoCalls(call.headers['authorization'])
        if (answer.status <= OK_MAX) this.note(nameOf(call), { by, kind: 'act', text })
        return answer
      }
      return { ...route, handle }
    })
  }

  note(name: string, event: Omit<ConnectorEvent, 'at'>): void {
    const known = this.#events.get(name) ?? []
    if (known.length === 0 && this.#events.size >= CONNECTORS_MAX) {
      // Names come and go: the one that was first seen makes room.
      const [oldest] = this.#events.keys()
      if (oldest !== undefined) this.#events.delete(oldest)
    }
    known.push({ at: new Date().toISOString(), ...event })
    if (known.length > EVENTS_MAX) known.shift()
    this.#events.set(name, known)
  }

  /** States of all connectors, as they are now. */
  see(all: Readonly<Record<string, ExpandedConnector>>): void {
    const now = new Map(Object.entries(all).map(([name, one]) => [name, statesOf(one)]))
    for (const [name, states] of now) {
      const before = this.#states?.get(name)
      if (this.#states === undefined) continue
      for (const [what, state] of states) {
        const was = before?.get(what)
        if (was !== state)
          this.note(name, { by: '', kind: 'state', text: changeText(what, was, state) })
      }
    }
    this.#states = now
  }

  close(): void {
    clearInterval(this.#timer)
    this.#events.clear()
  }

  async #step(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      this.see(await this.#read())
    } catch {
      // A worker that ends, or is about to join, tells no states: the next step does.
    } finally {
      this.#isReading = false
    }
  }
}

/** What has a state, to the state and the reason of a failure. */
function statesOf({ status }: ExpandedConnector): States {
  if (status === undefined) return new Map()
  const of = ({ state, trace }: { readonly state: string; readonly trace?: string }) =>
    state === 'FAILED' ? `${state}: ${firstLine(trace ?? '')}` : state
  return new Map([
    ['Connector', of(status.connector)],
    ...status.tasks.map(task => [`Task ${task.id}`, of(task)] as const),
  ])
}

function changeText(what: string, was: string | undefined, state: string): string {
  const [word = '', ...reason] = state.split(': ')
  const tail = reason.length === 0 ? '' : `: ${reason.join(': ')}`
  const from = was === undefined ? '' : `${was.split(': ')[0]} → `
  return `${what} ${from}${word}${tail}`
}

const LINE_MAX = 300

function firstLine(trace: string): string {
  return (trace.split('\n')[0] ?? '').slice(0, LINE_MAX)
}
