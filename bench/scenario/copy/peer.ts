/**
 * The reference product's way: dsbulk unloads the table to files, then loads them. Its jars lie in a
 * folder that the user names (`com.datastax.oss:dsbulk-runner` with its dependencies); nothing of it
 * is in this repository.
 */
import { join } from 'node:path'
import type { CassandraDescription } from '../../../src/sandbox/index.ts'
import { KEYSPACE, TABLE } from './fill-table.ts'

const MAIN_CLASS = 'com.datastax.oss.dsbulk.runner.DataStaxBulkLoader'

export function peerCommands(
  where: {
    readonly jars: string
    readonly folder: string
    readonly source: CassandraDescription
    readonly target: CassandraDescription
  },
  withTimes: boolean,
): { command: string; args: string[] }[] {
  const data = join(where.folder, withTimes ? 'dsbulk-times' : 'dsbulk')
  const step = (verb: string, { contactPoints, port, localDatacenter }: CassandraDescription) => ({
    command: 'java',
    args: [
      ...['-Xmx2g', '-cp', join(where.jars, '*'), MAIN_CLASS, verb],
      ...['-h', contactPoints[0]!, '-port', String(port), '-dc', localDatacenter],
      ...['-k', KEYSPACE, '-t', TABLE, '-url', data, '-logDir', join(where.folder, 'logs')],
      ...(withTimes ? ['--schema.preserveTimestamp', 'true', '--schema.preserveTtl', 'true'] : []),
    ],
  })
  return [step('unload', where.source), step('load', where.target)]
}
