/**
 * Driver options that are understood but from which nothing follows here: one warning names each.
 * Run by `evaluateConfig` with the other rules between settings.
 * Invariant: a value that asks for what is done anyway gives no warning.
 * Spec: cassandra-sink 3.7.
 */
import type { CheckContext } from '../../../config/index.ts'
import { DRIVER } from './connection-fields.ts'

interface Inert {
  readonly path: string
  readonly why: string
  /** Values that describe what happens anyway. */
  readonly except?: RegExp
}

const INERT: readonly Inert[] = [
  {
    path: 'advanced.retry-policy.class',
    why: 'failures are retried by their kind, up to four times within the request timeout',
    except: /(^|\.)DefaultRetryPolicy$/,
  },
  {
    path: 'advanced.speculative-execution-policy.class',
    why: 'only ConstantSpeculativeExecutionPolicy is known',
    except: /(^|\.)(No|Constant)SpeculativeExecutionPolicy$/,
  },
  {
    path: 'advanced.timestamp-generator.class',
    why: 'rows carry the timestamp of their record, or get that of the server',
    except: /(^|\.)ServerSideTimestampGenerator$/,
  },
  {
    path: 'basic.request.consistency',
    why: 'tables have a consistencyLevel of their own',
  },
  { path: 'basic.request.serial-consistency', why: 'writes are sent without one' },
  { path: 'basic.request.page-size', why: 'nothing is read page by page' },
  { path: 'advanced.metadata.schema.enabled', why: 'the tables of the mapping are always read' },
  {
    path: 'advanced.metadata.schema.request-timeout',
    why: 'queryExecutionTimeout holds for schema queries, too',
  },
  {
    path: 'advanced.metadata.schema.refreshed-keyspaces',
    why: 'only the tables of the mapping are read',
  },
  { path: 'advanced.request-warn-if-set-keyspace', why: 'no statement changes the keyspace' },
  { path: 'advanced.metrics.node.enabled', why: 'there are metrics of the session only' },
  { path: 'advanced.socket.reuse-address', why: 'Node.js does not offer it for client sockets' },
  { path: 'advanced.socket.linger-interval', why: 'Node.js does not offer it' },
  { path: 'advanced.socket.receive-buffer-size', why: 'the operating system sizes TCP buffers' },
  { path: 'advanced.socket.send-buffer-size', why: 'the operating system sizes TCP buffers' },
  {
    path: 'advanced.connection.pool.remote.size',
    why: 'no connections are opened to other data centres',
  },
]

export function checkDriverEffects(_settings: unknown, context: CheckContext): void {
  for (const { path, why, except } of INERT) {
    const key = `${DRIVER}${path}`
    const value = context.source.entries.get(key)?.value.trim() ?? ''
    if (value === '' || context.hasFailed(key) || except?.test(value) === true) continue
    context.report({
      key,
      kind: 'no-effect',
      severity: 'warning',
      message: `"${key}" has no effect: ${why}`,
    })
  }
}
