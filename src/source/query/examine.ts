/**
 * Asks the cluster whether what a query source would read is there: tables, columns, the types that
 * modes go by, and statements that the server prepares.
 * Called by the catalog when a configuration is checked.
 * Invariant: the code that opens readers for a task runs here, so that a check and a start agree.
 * Spec: cassandra-sink 11.1-11.3, 11.8; ADR 0022.
 */
import { isScamanderError, type ScamanderError } from '../../base/scamander-error.ts'
import type { SchemaLinks } from '../../cassandra/index.ts'
import type { Lint } from '../../config/index.ts'
import { KCQL_KEY, toDatastaxSourceConnection, toKcqlSourceConnection } from '../../sink/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { type ParsedKcqlSource, tryStatement } from './kcql/index.ts'
import type { TokenRangeSettings } from './scan/index.ts'
import { tryScan } from './scan/scan-table.ts'
import { checkingSession } from './table-session.ts'

const NAME = 'check'
/** The key that a message begins with. */
const KEY = /^(?:connect\.cassandra\.[\w.]*\w|[a-z.]+)(?=:| line \d)/

/** Rejects when the cluster does not answer. */
export async function examineKcqlSource(
  { settings, statements }: ParsedKcqlSource,
  links: SchemaLinks,
): Promise<readonly Lint[]> {
  const connection = await toKcqlSourceConnection(settings, NAME)
  return await links.ask(connection, async link => {
    const parts = { session: checkingSession(link), settings, logger: Logger.silent() }
    const lints: Lint[] = []
    for (const statement of statements) {
      lints.push(...(await problemsOf(() => tryStatement(statement, parts), KCQL_KEY)))
    }
    return lints
  })
}

/** Rejects when the cluster does not answer. */
export async function examineTokenRangeSource(
  settings: TokenRangeSettings,
  links: SchemaLinks,
): Promise<readonly Lint[]> {
  const connection = await toDatastaxSourceConnection(settings, NAME)
  return await links.ask(connection, link =>
    problemsOf(() => tryScan(settings, link), 'table.name.format'),
  )
}

async function problemsOf(work: () => Promise<void>, fallback: string): Promise<Lint[]> {
  try {
    await work()
    return []
  } catch (error) {
    if (!isScamanderError(error, 'config')) throw error
    return [toLint(error, fallback)]
  }
}

function toLint({ message }: ScamanderError, fallback: string): Lint {
  const key = KEY.exec(message)?.[0] ?? fallback
  return { kind: 'invalid', severity: 'error', key, message }
}
