/**
 * Entry of an agent's thread: reads the log of one node. Started by NodeAgent.
 * Invariant: an error that it cannot go on with ends the thread, and the agent is told of it.
 * Spec: cdc-replication 7 (threads).
 */
import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../../base/assert.ts'
import { LogReader } from './log-reader.ts'
import type { WorkerStart } from './worker-messages.ts'

assert(parentPort !== null, 'the log is read in a thread of its own')
await new LogReader(parentPort, workerData as WorkerStart).run()
parentPort.close()
