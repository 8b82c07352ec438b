/**
 * The right to read and clear a node's `cdc_raw`, for one agent on a machine: two would delete each
 * other's segments. A lock of the operating system on a file of its own in that folder, so that it
 * ends with the process, however that ends.
 * Taken by NodeAgent. Invariant: whoever has it is the only one; Cassandra passes the file over.
 * Spec: cdc-replication 1.4 (one agent per node), 6.1.
 */
import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf, ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { NodeRecord } from '../state/records.ts'

/** No name of a segment or an index. */
const FILE = '.scamander-agent.lock'

export class NodeLock {
  readonly #node: NodeRecord
  #db: DatabaseSync | undefined

  constructor(node: NodeRecord) {
    this.#node = node
  }

  /** Throws when another agent has it; does nothing when it is held already. */
  acquire(): void {
    if (this.#db !== undefined) return
    const { cdcRawDirectory, address, port } = this.#node
    let db: DatabaseSync | undefined
    try {
      const path = join(cdcRawDirectory, FILE)
      db = new DatabaseSync(path)
      // Whoever may work in the folder may become the agent later.
      if (statSync(path).uid === process.geteuid?.()) chmodSync(path, 0o666)
      db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF')
      db.exec('BEGIN EXCLUSIVE')
    } catch (cause) {
      db?.close()
      if (!/locked|busy/i.test(messageOf(cause))) throw unusable(cdcRawDirectory, cause)
      const message = `another agent on this machine reads the log of ${address}:${port} (${cdcRawDirectory})`
      throw new ScamanderError(CDC_ERRORS.AGENT_DUPLICATE, message, { cause })
    }
    this.#db = db
  }

  release(): void {
    this.#db?.close()
    this.#db = undefined
  }
}

function unusable(folder: string, cause: unknown): ScamanderError {
  const message = `expected to read and delete in ${folder}: ${messageOf(cause)}`
  return new ScamanderError(CDC_ERRORS.RAW_UNREADABLE, message, { cause })
}
