/**
 * Resolves contact points before the driver does, so that a wrong name is told at once, and keeps
 * which names led to which address for the check of TLS certificates.
 * Called by `openDriver`.
 */
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { ContactPoint } from '../settings.ts'

export class ContactNames {
  readonly #namesByAddress = new Map<string, Set<string>>()

  /** Names of contact points that resolved to this address. */
  namesOf(address: string): readonly string[] {
    return [...(this.#namesByAddress.get(address) ?? [])]
  }

  /** At least one name must resolve; the others are warned about. */
  async resolve(points: readonly ContactPoint[], isStart: boolean, logger: Logger): Promise<void> {
    const failed = new Map<string, string>()
    await Promise.all(
      points.map(async ({ host }) => {
        if (isIP(host) !== 0) return
        try {
          for (const { address } of await lookup(host, { all: true })) this.#add(address, host)
        } catch (error) {
          failed.set(host, (error as NodeJS.ErrnoException).code ?? 'no answer')
        }
      }),
    )
    if (failed.size === 0) return
    const list = [...failed].map(([host, code]) => `${host} (${code})`).join(', ')
    if (points.some(({ host }) => !failed.has(host))) {
      logger.warn(`contactPoints: some names do not resolve: ${list}; correct or remove them`)
      return
    }
    throw new ScamanderError(
      isStart ? CASSANDRA_ERRORS.CONTACT_UNKNOWN : CASSANDRA_ERRORS.CONNECTION_LOST,
      `contactPoints: expected host names that resolve, found unknown ones: ${list}`,
    )
  }

  #add(address: string, name: string): void {
    const names = this.#namesByAddress.get(address) ?? new Set()
    this.#namesByAddress.set(address, names.add(name))
  }
}
