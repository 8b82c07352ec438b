/**
 * Computes argon2id digests of passwords, a few at a time: each takes memory and a thread for a while, and
 * anybody who reaches the server can ask for one by trying a password.
 * Used by `UserDesk`. Invariant: what runs and what waits are bounded; beyond that a call is refused.
 * Spec: backlog-replication 2.17.
 */
import { argon2 } from 'node:crypto'
import { promisify } from 'node:util'
import { ScamanderError } from '../base/scamander-error.ts'
import { REPLICATE_ERRORS } from './errors.ts'

const argon2Of = promisify(argon2)
const DIGEST_BYTES = 32
const MEMORY_KB = 19_456
const PASSES = 2
const RUNNING_MAX = 2
const WAITING_MAX = 32

type Compute = (password: string, salt: Buffer) => Promise<Buffer>

export class PasswordDigests {
  readonly #compute: Compute
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(compute: Compute = argon2id) {
    this.#compute = compute
  }

  async of(password: string, salt: Buffer): Promise<Buffer> {
    if (this.#running >= RUNNING_MAX) {
      if (this.#waiting.length >= WAITING_MAX) throw busy()
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await this.#compute(password, salt)
    } finally {
      // Its place goes to whoever waits longest.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}

async function argon2id(password: string, salt: Buffer): Promise<Buffer> {
  return await argon2Of('argon2id', {
    ...{ message: password, nonce: salt, parallelism: 1, tagLength: DIGEST_BYTES },
    ...{ memory: MEMORY_KB, passes: PASSES },
  })
}

function busy(): ScamanderError {
  const message = `more than ${RUNNING_MAX + WAITING_MAX} passwords are being checked; try again in a moment`
  return new ScamanderError(REPLICATE_ERRORS.BUSY, message)
}
