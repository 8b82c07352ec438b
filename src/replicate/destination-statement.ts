/**
 * One statement of a person on the destination of a job, on a connection of its own. Used by events.
 * Invariant: a connection that is read-only is not written to.
 * Spec: backlog-replication 2.15.
 */
import type { Properties } from '../api-v1.ts'
import { ControlSession } from '../cassandra/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { cassandraSettings } from './connection.ts'
import { fieldError } from './task-target.ts'

export async function executeOn(
  destination: Properties,
  cql: string,
  logger: Logger,
): Promise<void> {
  if (destination['readOnly'] === true)
    throw fieldError('destination', 'the destination connection is read-only')
  const control = await ControlSession.open(cassandraSettings(destination), { logger })
  await control.execute(cql).finally(() => control.close())
}
