/**
 * The code that stands for the first administrator: in the log of a server that others can reach and that
 * nobody can sign in to yet. Whoever reads the log may make the first user.
 * Made where listeners are checked, kept by `Callers`.
 * Invariants: 79 random bits, new with every start, compared in the same time for every input; it ends
 * with the first user.
 * Spec: backlog-replication 2.17; ui 5.2 (setup).
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import type { Logger } from '../telemetry/index.ts'
import type { Access } from './access.ts'
import type { Callers } from './callers.ts'
import { type Guarded, isLoopback, type Listener } from './listener.ts'

/** Without letters that are taken for others. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const LENGTH = 16
const GROUP = /.{4}/g

export class SetupCode {
  readonly #digest: Buffer
  /** As the log shows it. */
  readonly text: string

  constructor() {
    const letters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)])
    this.text = (letters.join('').match(GROUP) ?? []).join('-')
    this.#digest = digestOf(this.text)
  }

  /** Blanks, hyphens and capitals do not matter. */
  isRight(given: string): boolean {
    return timingSafeEqual(digestOf(given), this.#digest)
  }
}

function digestOf(text: string): Buffer {
  const plain = text.toLowerCase().replaceAll(/[\s-]/g, '')
  return createHash('sha256').update(plain).digest()
}

export interface SetupParts {
  readonly access: Access
  readonly callers: Callers
}

/** Before listeners are looked at: users can be made where they are managed. */
export function guardedBy({ access, callers }: SetupParts): Guarded {
  if (access.hasLogin) return 'login'
  return callers.people === undefined ? 'nothing' : 'setup'
}

/** Tells the code where others can reach a listener and nobody can sign in. */
export function beginSetup(listeners: readonly Listener[], of: SetupParts, logger: Logger): void {
  const isReached = listeners.some(({ host }) => !isLoopback(host))
  if (guardedBy(of) !== 'setup' || !isReached) return
  const code = new SetupCode()
  of.callers.beginSetup(code)
  logger.warn(
    `nobody can sign in yet: open /ui/setup and enter the setup code ${code.text} to make the first administrator; it ends with this process`,
  )
}
