/**
 * The ledger of an agent that runs apart from the worker: calls of the worker's REST API.
 * Used by RemoteAgent. Frames travel as they are, in one text per batch.
 * Invariant: a call that the worker did not answer with success may be repeated without harm: a
 * batch is known by its place in the log, and digests recognise what came through.
 */
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { NodePosition, NodeRecord } from '../state/records.ts'
import type { AgentLedger, LedgerBatch, LedgerGap } from './agent-ledger.ts'
import type { AgentStatus } from './node-agent.ts'

export interface WorkerAddress {
  readonly url: string
  /** The whole `Authorization` value. */
  readonly authorization: string | undefined
}

/** Asked before every call: another worker may capture by then. `disconnected` while none does. */
export type AddressOfWorker = () => WorkerAddress | Promise<WorkerAddress>

/** What an agent tells, about once a second. */
export interface AgentReport {
  readonly node: NodeRecord
  readonly status: AgentStatus
  /** Start of the agent: the later of two for one node wins. */
  readonly epoch: number
  /** The version of `tables` that it goes by. */
  readonly appliedVersion: number
}

/** What it has to do. */
export interface AgentOrders {
  readonly version: number
  readonly tables: readonly string[]
  readonly position: NodePosition | null
}

const TIMEOUT_MS = 30_000

export class RemoteLedger implements AgentLedger {
  readonly #addressOf: AddressOfWorker
  readonly #hostId: string
  #definitions: LedgerBatch['definitions'] = []
  #position: NodePosition | undefined

  constructor(addressOf: AddressOfWorker, hostId: string) {
    this.#addressOf = addressOf
    this.#hostId = hostId
  }

  async report(report: AgentReport): Promise<AgentOrders> {
    const orders = await this.#call<AgentOrders>('report', report)
    this.#position ??= orders.position ?? undefined
    return orders
  }

  async load(): Promise<NodePosition | undefined> {
    return this.#position
  }

  async settle({ definitions, frames, position }: LedgerBatch): Promise<number> {
    // Kept until a batch came through: a later one may need them.
    this.#definitions = [...this.#definitions, ...definitions]
    let end = 0
    const ends = frames.map(frame => {
      end += frame.bytes.length
      return end
    })
    const body = {
      definitions: this.#definitions.map(one => ({ ...one, hash: one.hash.toString() })),
      frames: Buffer.concat(frames.map(frame => frame.bytes)).toString('base64'),
      ends,
      position,
    }
    const { copies } = await this.#call<{ copies: number }>('settle', body)
    this.#definitions = []
    return copies
  }

  async savePosition(position: NodePosition): Promise<void> {
    await this.#call('position', position)
  }

  async reportGap(gap: LedgerGap): Promise<void> {
    await this.#call('gap', gap)
  }

  async #call<T>(what: string, body: unknown): Promise<T> {
    const { url, authorization } = await this.#addressOf()
    const path = `/api/v1/cdc/agents/${this.#hostId}/${what}`
    let status: number
    let text: string
    try {
      const response = await fetch(url + path, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      const message = `the worker at ${url} does not answer: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.WORKER_UNREACHABLE, message, { cause })
    }
    if (status < 400) return JSON.parse(text) as T
    throw refusal(status, text, url)
  }
}

function refusal(status: number, text: string, url: string): ScamanderError {
  const found = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]
  const message = `the worker at ${url} answers ${status}: ${found ?? 'no reason'}`
  if (status === 409) return new ScamanderError(CDC_ERRORS.AGENT_ENDED, message)
  const isPassing = status >= 500 || status === 404
  const code = isPassing ? CDC_ERRORS.WORKER_UNREACHABLE : CDC_ERRORS.WORKER_REFUSED
  return new ScamanderError(code, message)
}
