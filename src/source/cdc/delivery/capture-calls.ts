/**
 * Calls of the REST API of the worker that captures, for those who deliver from its queues elsewhere.
 * Used by RemoteQueue and RemoteSnapshots. A worker that is away is `disconnected`.
 * Invariant: a refusal keeps its reason, so that a task tells what its user has to do.
 * Spec: docs/adr/0023-destinations-and-delivery-elsewhere.md.
 */
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import type { WorkerAddress } from '../agent/remote-ledger.ts'
import { CDC_ERRORS } from '../errors.ts'

const TIMEOUT_MS = 30_000

export class CaptureCalls {
  readonly #addressOf: () => WorkerAddress | Promise<WorkerAddress>

  /** `addressOf` is asked before every call: the worker that captures may be another one by then. */
  constructor(addressOf: () => WorkerAddress | Promise<WorkerAddress>) {
    this.#addressOf = addressOf
  }

  /** Undefined: given up, because the signal aborted. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    const { url, authorization } = await this.#addressOf()
    let status: number
    let text: string
    const limit = AbortSignal.timeout(TIMEOUT_MS)
    try {
      const response = await fetch(`${url}/api/v1/cdc${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      if (signal?.aborted === true) return undefined
      const message = `the worker that captures, at ${url}, does not answer: ${messageOf(cause)}`
      throw new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message, { cause })
    }
    if (status < 400) return (text === '' ? undefined : JSON.parse(text)) as T | undefined
    throw refusal(status, text, url)
  }
}

function refusal(status: number, text: string, url: string): ScamanderError {
  const found = /"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"')
  const reason = found ?? `status ${status}`
  if (status === 404 && reason.includes('destination')) {
    return new ScamanderError(CDC_ERRORS.DESTINATION_UNKNOWN, reason)
  }
  if (status === 409) return new ScamanderError(CDC_ERRORS.DESTINATION_BUSY, reason)
  const message = `the worker that captures, at ${url}, answers ${status}: ${reason}`
  if (status >= 500) return new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message)
  return new ScamanderError(CDC_ERRORS.WORKER_REFUSED, message)
}
