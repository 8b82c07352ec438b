/**
 * Asks a contact point which data centre it is in, for commands whose users name none.
 * One connection, opened and closed here; the sessions are opened afterwards with the answer.
 * Spec: live-migration 3.2 (`--source-local-dc` is optional).
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from '../errors.ts'
import type { CassandraConnectionSettings } from '../settings.ts'
import { toTlsOptions } from '../tls.ts'
import { NodeLink } from './node-link.ts'

/** The data centre of the first contact point that answers. */
export async function detectLocalDc(settings: CassandraConnectionSettings): Promise<string> {
  const tls = settings.tls === undefined ? undefined : toTlsOptions(settings.tls)
  let last: unknown
  for (const point of settings.contactPoints) {
    let link: NodeLink | undefined
    try {
      link = await NodeLink.open(point, settings, tls)
      const [row] = await link.rows('SELECT data_center FROM system.local')
      if (typeof row?.['data_center'] === 'string') return row['data_center']
    } catch (error) {
      last = error
    } finally {
      link?.close()
    }
  }
  if (last !== undefined) throw last
  const message = 'expected a contact point that tells its data centre, found none'
  throw new ScamanderError(CASSANDRA_ERRORS.LOCAL_DC, message)
}
