/**
 * Whether the keyspace that a job names is there, asked of its destination when the job is saved.
 * Invariant: only a keyspace that is missing for certain is refused; a destination that does not answer
 * is told by the test of its connection and by the run, not by a form.
 * Spec: backlog-replication 2.3, 2.8.
 */
import { messageOf } from '../base/scamander-error.ts'
import { type CassandraConnectionSettings, ControlSession } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { fieldError } from './task-target.ts'

const SHOWN = 10

export async function checkKeyspace(
  settings: CassandraConnectionSettings,
  of: { readonly keyspace: string; readonly connection: string; readonly logger: Logger },
): Promise<void> {
  const { keyspace, connection, logger } = of
  const known = await keyspacesOf(settings, logger)
  if (known === undefined || known.includes(keyspace)) return
  const own = known.filter(one => !/^system(_|$)/.test(one)).sort()
  const more = own.length > SHOWN ? ', …' : ''
  const found = own.length === 0 ? 'none' : `${own.slice(0, SHOWN).join(', ')}${more}`
  const message = `settings.keyspace: expected a keyspace of ${connection} (${found}), found ${keyspace || 'nothing'}`
  throw fieldError('settings.keyspace', message)
}

async function keyspacesOf(
  settings: CassandraConnectionSettings,
  logger: Logger,
): Promise<string[] | undefined> {
  try {
    const control = await ControlSession.open(settings, { logger })
    try {
      const rows = await control.execute('SELECT keyspace_name FROM system_schema.keyspaces')
      return rows.map(row => String(row['keyspace_name']))
    } finally {
      await control.close()
    }
  } catch (error) {
    logger.debug(`the keyspace of a job was not checked: ${messageOf(error)}`)
    return undefined
  }
}
