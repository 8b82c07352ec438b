/**
 * What the commands `list`, `status`, `config` and `topics` show.
 * Read from the REST API; a failed connector or task makes `status` end with exit code 1, so that
 * scripts can wait for a healthy state.
 */
import type { ConnectorStateInfo, ExpandedConnector, TopicsInfo } from '../../api.ts'
import { oneLine } from '../text-table.ts'
import type { ConnectClient } from './client-options.ts'
import { connectorPath } from './rest-client.ts'

type Expanded = Readonly<Record<string, ExpandedConnector>>

const EXPAND = '/connectors?expand=info&expand=status'

export async function listConnectors(client: ConnectClient): Promise<void> {
  const all = await client.rest.call<Expanded>('GET', EXPAND)
  const rows = Object.entries(all).map(([name, { info, status }]) => {
    const tasks = status?.tasks ?? []
    const running = tasks.filter(task => task.state === 'RUNNING').length
    return [
      name,
      status?.type ?? info?.type ?? '',
      status?.connector.state ?? '',
      `${running}/${tasks.length}`,
      info?.config['connector.class'] ?? '',
    ]
  })
  client.show(all, ['NAME', 'TYPE', 'STATE', 'TASKS', 'CLASS'], rows)
}

/** The exit code: 1 when something is FAILED. */
export async function showStatus(
  client: ConnectClient,
  names: readonly string[],
  isFull: boolean,
): Promise<number> {
  const statuses = await fetchStatuses(client, names)
  const rows = statuses.flatMap(({ name, connector, tasks, type }) => [
    [name, type, connector.state, connector.worker_id, oneLine(connector.trace ?? '')],
    ...tasks.map(task => [
      `  ${name}/${task.id}`,
      'task',
      task.state,
      task.worker_id,
      oneLine(task.trace ?? ''),
    ]),
  ])
  client.show(statuses, ['NAME', 'TYPE', 'STATE', 'WORKER', 'TRACE'], rows)
  if (isFull) for (const status of statuses) sayTraces(client, status)
  const states = statuses.flatMap(one => [one.connector, ...one.tasks])
  return states.some(one => one.state === 'FAILED') ? 1 : 0
}

async function fetchStatuses(
  { rest }: ConnectClient,
  names: readonly string[],
): Promise<ConnectorStateInfo[]> {
  if (names.length > 0) {
    const calls = names.map(name =>
      rest.call<ConnectorStateInfo>('GET', connectorPath(name, '/status')),
    )
    return await Promise.all(calls)
  }
  const all = await rest.call<Expanded>('GET', '/connectors?expand=status')
  return Object.values(all).flatMap(one => (one.status === undefined ? [] : [one.status]))
}

function sayTraces(client: ConnectClient, { name, connector, tasks }: ConnectorStateInfo): void {
  if (connector.trace !== undefined) client.say(`\n${name}:\n${connector.trace}`)
  for (const { id, trace } of tasks) {
    if (trace !== undefined) client.say(`\n${name}/${id}:\n${trace}`)
  }
}

/** JSON in either case: it is made to be kept in a file. */
export async function showConfig(client: ConnectClient, name: string): Promise<void> {
  client.json(await client.rest.call('GET', connectorPath(name, '/config')))
}

export async function showTopics(
  client: ConnectClient,
  name: string,
  isReset: boolean,
): Promise<void> {
  if (isReset) {
    await client.rest.call('PUT', connectorPath(name, '/topics/reset'))
    client.say(`the list of topics of ${name} is empty now`)
    return
  }
  const info = await client.rest.call<TopicsInfo>('GET', connectorPath(name, '/topics'))
  client.show(
    info,
    ['TOPIC'],
    (info[name]?.topics ?? []).map(topic => [topic]),
  )
}
