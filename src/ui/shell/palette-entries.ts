/**
 * What the palette can find: objects with their states, pages, acts of the page that is shown, commands; with
 * `#` also topics and tables. Used by the palette while it is open.
 * Invariants: what a role may not do is not offered; acts of a page are its own buttons.
 * Spec: ui 4.7.
 */
import { useQueries, useQuery } from '@tanstack/react-query'
import { part } from '../api-client.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { keyspacesQuery, topicsQuery } from '../data/data-queries.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { migrationsQuery } from '../migrations/migration-queries.ts'
import { SERVES_CONNECT, SERVES_DATA, SERVES_JOBS } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { recentPlaces } from './palette-recent.ts'
import { SECTIONS } from './sections.ts'
import { useThemeToggle } from './theme-toggle.tsx'

export interface Entry {
  readonly key: string
  readonly title: string
  readonly kind: string
  readonly state?: string
  /** Of a place. */
  readonly href?: string | undefined
  /** Of an act. */
  readonly run?: () => void
}

/** Clusters whose tables are looked for. */
const CLUSTERS_MAX = 5

export function usePaletteEntries(text: string): {
  readonly all: readonly Entry[]
  readonly recent: readonly Entry[]
} {
  const commands = useCommands()
  const objects = useObjects()
  const data = useDataEntries(text.trimStart().startsWith('#'))
  const all = [...objects, ...sectionEntries(), ...pageActs(), ...commands, ...data]
  const states = new Map(objects.map(one => [one.key, one.state]))
  const recent = recentPlaces().map((one): Entry => {
    const state = states.get(one.key)
    return state === undefined ? one : { ...one, state }
  })
  return { all, recent }
}

/** An address, as the browser shows it; names are encoded once. */
function place(...parts: readonly string[]): string {
  return `/ui/${parts.map(part).join('/')}`
}

function useObjects(): Entry[] {
  const connectors = useQuery(connectorsQuery).data
  const jobs = useQuery(jobsQuery).data ?? []
  const connections = useQuery({ ...connectionsQuery, enabled: SERVES_JOBS }).data ?? []
  const migrations = useQuery(migrationsQuery).data ?? []
  return [
    ...jobs.map(({ id, name, lastRun }) => ({
      ...{ key: `job ${name}`, title: name, kind: 'Job' },
      ...(lastRun === null ? {} : { state: lastRun.state }),
      href: place('jobs', id, 'overview'),
    })),
    ...toRows(connectors ?? {}).map(({ name, state }) => ({
      ...{ key: `connector ${name}`, title: name, kind: 'Connector', state },
      href: place('connectors', name, 'overview'),
    })),
    ...connections.map(({ id, name, status }) => ({
      ...{ key: `connection ${name}`, title: name, kind: 'Connection', state: status },
      href: place('connections', id),
    })),
    ...migrations.map(({ name }) => ({
      ...{ key: `migration ${name}`, title: name, kind: 'Migration' },
      href: place('migrations', name),
    })),
  ]
}

function sectionEntries(): Entry[] {
  return SECTIONS.map(({ id, title, to }) => ({
    ...{ key: `page ${id}`, title, kind: 'Page' },
    href: `/ui${to}`,
  }))
}

function useDataEntries(isAsked: boolean): Entry[] {
  const isOn = isAsked && SERVES_DATA
  const connections = useQuery({ ...connectionsQuery, enabled: isOn }).data ?? []
  const topics = useQuery({ ...topicsQuery, enabled: isOn && SERVES_CONNECT }).data ?? []
  const clusters = connections.filter(one => one.connector === 'cassandra').slice(0, CLUSTERS_MAX)
  const keyspaces = useQueries({
    queries: clusters.map(one => ({ ...keyspacesQuery(one.id), enabled: isOn })),
  })
  if (!isOn) return []
  const found = topics.map(({ name }) => ({
    ...{ key: `topic ${name}`, title: name, kind: 'Topic' },
    href: place('data', 'kafka', 'topics', name, 'records'),
  }))
  const tables = clusters.flatMap(({ id, name }, index) =>
    (keyspaces[index]?.data ?? [])
      .filter(one => !one.isSystem)
      .flatMap(keyspace =>
        keyspace.tables.map(table => ({
          key: `table ${name} ${keyspace.name}.${table}`,
          ...{ title: `${keyspace.name}.${table}`, kind: `Table · ${name}` },
          href: place('data', 'cassandra', id, keyspace.name, table, 'rows'),
        })),
      ),
  )
  return [...found, ...tables]
}

/** The buttons of the head of the page: what they do, and whether they ask, stays theirs. */
function pageActs(): Entry[] {
  const buttons = document.querySelectorAll<HTMLElement>(
    '#main .sc-page-head :is(button, a[href])[data-testid]:not(:disabled, [data-disabled])',
  )
  return [...buttons].flatMap(button => {
    const title = (button.textContent || button.ariaLabel || '').trim()
    if (title === '' || !button.checkVisibility()) return []
    const key = `act ${button.dataset['testid']}`
    return [{ key, title, kind: 'Command', run: () => button.click() }]
  })
}

function useCommands(): Entry[] {
  const toggleTheme = useThemeToggle()
  const mayAdd = useMay('standard')
  const command = (key: string, title: string, to: Pick<Entry, 'href' | 'run'>): Entry => ({
    ...{ key: `command ${key}`, title, kind: 'Command' },
    ...to,
  })
  const stream = [
    command('add-connector', 'Add Connector', { href: place('connectors', 'new') }),
    command('paste', 'Paste a config', { href: place('connectors', 'paste') }),
  ]
  return [
    ...(SERVES_CONNECT && mayAdd ? stream : []),
    command('welcome', 'First steps', { href: place('welcome') }),
    command('errors', 'Codes of errors', { href: place('help', 'errors') }),
    command('theme', 'Change the theme', { run: toggleTheme }),
  ]
}
