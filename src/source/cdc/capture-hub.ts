/**
 * The capture of this process, for connectors: a worker opens at most one, its connectors find it
 * here, because their configuration says only the name of a destination.
 * Invariant: set by the worker that owns it, and taken away before it closes.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Capture } from './capture.ts'
import type { DeliveryQueue } from './delivery/delivery-queue.ts'
import { CDC_ERRORS } from './errors.ts'

let current: Capture | undefined
let elsewhere: DeliveryQueue | undefined

export function setCapture(capture: Capture | undefined): void {
  current = capture
}

/** Undefined in a process that captures nothing. */
export function findCapture(): Capture | undefined {
  return current
}

/** The queues of a worker elsewhere, for connectors of this process. */
export function setRemoteQueue(queue: DeliveryQueue | undefined): void {
  elsewhere = queue
}

export function requireQueue(): DeliveryQueue {
  const queue = current?.queue ?? elsewhere
  if (queue !== undefined) return queue
  const message =
    'expected a worker with `cdc.contact.points` or `cdc.worker.url`, found one without'
  throw new ScamanderError(CDC_ERRORS.NOT_HERE, message)
}

export function requireCapture(): Capture {
  if (current !== undefined) return current
  const message = 'expected a worker with `cdc.contact.points`, found one without'
  throw new ScamanderError(CDC_ERRORS.NOT_HERE, message)
}
