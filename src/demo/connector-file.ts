/**
 * The demo's connector configurations and tables: the files in examples/demo, as a user would write
 * them. Only the port of Cassandra is replaced, because the demo chooses a free one.
 * Called by demo.ts. The files travel with the package, beside `dist`.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The REST body of a connector. */
export interface ConnectorBody {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
}

const FOLDER = new URL('../../examples/demo/', import.meta.url)

export async function readConnector(name: string, cassandraPort: number): Promise<ConnectorBody> {
  const text = await readFile(fileURLToPath(new URL(`${name}.json`, FOLDER)), 'utf8')
  const body = JSON.parse(text) as ConnectorBody
  if (body.config['port'] === undefined) return body
  return { ...body, config: { ...body.config, port: String(cassandraPort) } }
}

/** The statements of schema.cql in order. */
export async function readSchema(): Promise<string[]> {
  return toStatements(await readFile(fileURLToPath(new URL('schema.cql', FOLDER)), 'utf8'))
}

/** Statements end with a semicolon; comments run from `--` to the end of the line. */
export function toStatements(cql: string): string[] {
  const plain = cql.replace(/--.*$/gm, '')
  return plain
    .split(';')
    .map(statement => statement.replace(/\s+/g, ' ').trim())
    .filter(statement => statement !== '')
}
