/**
 * The connector that reads a destination: its name, its launch, the topic of one table.
 * Used by the forms of Capture. Invariant: other settings of a connector stay as they are.
 * Spec: ui 5.5; cdc-replication 1.8.
 */
import { call, part } from '../api-client.ts'
import { type Config, launch, validate } from '../connectors/connector-queries.ts'
import { type Reader, withTopic } from './capture-model.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: the connector puts the names in
export const DEFAULT_TOPIC = '${keyspace}.${table}'

export function readerName(destination: string): string {
  return `${destination}-source`
}

export async function launchReader(name: string, config: Config): Promise<void> {
  await launch(name, { ...config, name }, 'RUNNING')
}

/** What the worker finds wrong with single keys. */
export async function checkReader(
  name: string,
  config: Config,
): Promise<Readonly<Record<string, string>>> {
  const { configs } = await validate({ ...config, name })
  const wrong = configs.flatMap(({ value }) =>
    value === null || value.errors.length === 0
      ? []
      : [[value.name, value.errors.join(' ')] as const],
  )
  return Object.fromEntries(wrong)
}

/** Sends one table to a topic of its own. */
export async function sendTo(reader: Reader, table: string, topic: string): Promise<void> {
  const changes = withTopic(reader.config, table, topic)
  await call('PATCH', `/connectors/${part(reader.name)}/config`, changes)
}
