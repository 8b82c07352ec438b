/**
 * The addresses of the page and what each shows. Used by main.tsx.
 * Invariant: every view, tab and filter is in the address, so Back and links work everywhere.
 * Spec: ui 2.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import type { TailSearch } from './capture/tail-model.ts'
import type { ConnectionNewSearch } from './connections/connection-new-page.tsx'
import type { ConnectionsSearch } from './connections/connections-page.tsx'
import type { ConnectorsSearch } from './connectors/connectors-page.tsx'
import type { RecordsSearch } from './data/records-bar.tsx'
import type { RowsSearch } from './data/rows-tab.tsx'
import type { ErrorsSearch } from './help/errors-page.tsx'
import { HomePage } from './home/home-page.tsx'
import type { HomeSearch } from './home/view-switch.tsx'
import type { JobsSearch } from './jobs/jobs-page.tsx'
import type { DifferencesSearch } from './migrations/differences-page.tsx'
import { untilLoaded } from './parts/lazy-part.tsx'
import { LinkButton } from './parts/link-button.tsx'
import { Page } from './parts/page.tsx'
import { Empty, PanelError } from './parts/panel.tsx'
import { SERVES_DATA, SERVES_MIGRATIONS } from './parts/served.ts'
import { Frame } from './session/frame.tsx'
import type { LoginSearch } from './session/login-page.tsx'

// Screens behind the first are loaded when they are opened.
/** Asked for again while the server is away. */
const routePart: typeof lazyRouteComponent = (load, name) =>
  lazyRouteComponent(() => untilLoaded(load), name)

const ConnectorsPage = routePart(() => import('./connectors/connectors-page.tsx'), 'ConnectorsPage')
const PluginsPage = routePart(() => import('./connectors/plugins-page.tsx'), 'PluginsPage')
const ConnectorNewPage = routePart(
  () => import('./connectors/connector-new-page.tsx'),
  'ConnectorNewPage',
)
const PastePage = routePart(() => import('./connectors/paste-page.tsx'), 'PastePage')
const ConnectorPage = routePart(() => import('./connectors/connector-page.tsx'), 'ConnectorPage')

const ConnectionsPage = routePart(
  () => import('./connections/connections-page.tsx'),
  'ConnectionsPage',
)
const ConnectionNewPage = routePart(
  () => import('./connections/connection-new-page.tsx'),
  'ConnectionNewPage',
)
const ConnectionPage = routePart(
  () => import('./connections/connection-page.tsx'),
  'ConnectionPage',
)
const CapturePage = routePart(() => import('./capture/capture-page.tsx'), 'CapturePage')
const JobsPage = routePart(() => import('./jobs/jobs-page.tsx'), 'JobsPage')
const JobPage = routePart(() => import('./jobs/job-page.tsx'), 'JobPage')
const TaskPage = routePart(() => import('./jobs/task-page.tsx'), 'TaskPage')
const RunPage = routePart(() => import('./jobs/run-page.tsx'), 'RunPage')

const LoginPage = routePart(() => import('./session/login-page.tsx'), 'LoginPage')
const SetupPage = routePart(() => import('./session/setup-page.tsx'), 'SetupPage')
const MonitoringPage = routePart(() => import('./monitoring/monitoring-page.tsx'), 'MonitoringPage')
const SettingsPage = routePart(() => import('./settings/settings-page.tsx'), 'SettingsPage')

const MigrationsPage = routePart(() => import('./migrations/migrations-page.tsx'), 'MigrationsPage')
const MigrationNewPage = routePart(
  () => import('./migrations/migration-new-page.tsx'),
  'MigrationNewPage',
)
const MigrationEntry = routePart(() => import('./migrations/migration-page.tsx'), 'MigrationEntry')
const MigrationPage = routePart(() => import('./migrations/migration-page.tsx'), 'MigrationPage')
const DifferencesPage = routePart(
  () => import('./migrations/differences-page.tsx'),
  'DifferencesPage',
)

const DataCassandraPage = routePart(() => import('./data/cassandra-page.tsx'), 'DataCassandraPage')
const DataTopicsPage = routePart(() => import('./data/topics-page.tsx'), 'DataTopicsPage')
const DataTopicPage = routePart(() => import('./data/topic-page.tsx'), 'DataTopicPage')

const WelcomePage = routePart(() => import('./welcome/welcome-page.tsx'), 'WelcomePage')
const ErrorsPage = routePart(() => import('./help/errors-page.tsx'), 'ErrorsPage')
const ErrorPage = routePart(() => import('./help/error-page.tsx'), 'ErrorPage')

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: Broken,
})

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: HomePage,
    validateSearch: (given: Record<string, unknown>): HomeSearch =>
      texts(given, ['view', 'range', 'flow', 'open']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connectors',
    component: ConnectorsPage,
    validateSearch: (given: Record<string, unknown>): ConnectorsSearch =>
      texts(given, ['q', 'state', 'type', 'plugin']),
  }),
  createRoute({ getParentRoute: () => root, path: '/connectors/new', component: PluginsPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/connectors/new/$plugin',
    component: ConnectorNewPage,
  }),
  createRoute({ getParentRoute: () => root, path: '/connectors/paste', component: PastePage }),
  createRoute({
    getParentRoute: () => root,
    path: '/connectors/$name',
    beforeLoad: ({ params }) => {
      throw redirect({
        to: '/connectors/$name/$tab',
        params: { name: (params as { name: string }).name, tab: 'overview' },
      })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connectors/$name/$tab',
    component: ConnectorPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connections',
    component: ConnectionsPage,
    validateSearch: (given: Record<string, unknown>): ConnectionsSearch =>
      texts(given, ['tab', 'q', 'label', 'status', 'connector']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/connections/new/$kind',
    component: ConnectionNewPage,
    validateSearch: (given: Record<string, unknown>): ConnectionNewSearch => texts(given, ['from']),
  }),
  createRoute({ getParentRoute: () => root, path: '/connections/$id', component: ConnectionPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs',
    component: JobsPage,
    validateSearch: (given: Record<string, unknown>): JobsSearch =>
      texts(given, ['q', 'state', 'label', 'add']),
  }),
  createRoute({ getParentRoute: () => root, path: '/jobs/$id/$tab', component: JobPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/jobs/$id/task/$task/$tab',
    component: TaskPage,
  }),
  createRoute({ getParentRoute: () => root, path: '/jobs/$id/runs/$run', component: RunPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/migrations',
    component: SERVES_MIGRATIONS ? MigrationsPage : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/migrations/new',
    component: SERVES_MIGRATIONS ? MigrationNewPage : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/migrations/$name',
    component: SERVES_MIGRATIONS ? MigrationEntry : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/migrations/$name/phase/$phase',
    component: SERVES_MIGRATIONS ? MigrationPage : NotServed,
    validateSearch: (given: Record<string, unknown>): { table?: string } => texts(given, ['table']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/migrations/$name/differences',
    component: SERVES_MIGRATIONS ? DifferencesPage : NotServed,
    validateSearch: (given: Record<string, unknown>): DifferencesSearch =>
      texts(given, ['table', 'kind']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/login',
    component: LoginPage,
    validateSearch: (given: Record<string, unknown>): LoginSearch => texts(given, ['from']),
  }),
  createRoute({ getParentRoute: () => root, path: '/welcome', component: WelcomePage }),
  createRoute({
    getParentRoute: () => root,
    path: '/help/errors',
    component: ErrorsPage,
    validateSearch: (given: Record<string, unknown>): ErrorsSearch => texts(given, ['q']),
  }),
  createRoute({ getParentRoute: () => root, path: '/help/errors/$code', component: ErrorPage }),
  createRoute({ getParentRoute: () => root, path: '/setup', component: SetupPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/settings',
    beforeLoad: () => {
      throw redirect({ to: '/settings/$tab', params: { tab: 'preferences' } })
    },
  }),
  createRoute({ getParentRoute: () => root, path: '/settings/$tab', component: SettingsPage }),
  createRoute({
    getParentRoute: () => root,
    path: '/monitoring',
    beforeLoad: () => {
      throw redirect({ to: '/monitoring/$tab', params: { tab: 'overview' }, search: {} })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/monitoring/$tab',
    component: MonitoringPage,
    validateSearch: (given: Record<string, unknown>): { range?: string } => texts(given, ['range']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/capture',
    beforeLoad: () => {
      throw redirect({ to: '/capture/$tab', params: { tab: 'overview' } })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/capture/$tab',
    component: CapturePage,
    validateSearch: (given: Record<string, unknown>): TailSearch =>
      texts(given, ['table', 'op', 'q']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data',
    beforeLoad: () => {
      throw redirect({ to: '/data/cassandra' })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/cassandra',
    component: SERVES_DATA ? DataCassandraPage : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/cassandra/$connection',
    component: SERVES_DATA ? DataCassandraPage : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/cassandra/$connection/$keyspace/$table/$tab',
    component: SERVES_DATA ? DataCassandraPage : NotServed,
    validateSearch: (given: Record<string, unknown>): RowsSearch =>
      texts(exactTexts(given), ['token', 'page', 'key', 'times']),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/kafka',
    beforeLoad: () => {
      throw redirect({ to: '/data/kafka/topics' })
    },
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/kafka/topics',
    component: SERVES_DATA ? DataTopicsPage : NotServed,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/data/kafka/topics/$topic/$tab',
    component: SERVES_DATA ? DataTopicPage : NotServed,
    validateSearch: (given: Record<string, unknown>): RecordsSearch =>
      texts(given, ['from', 'partition', 'q', 'decode', 'live', 'page']),
  }),
] as const

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: '/ui',
  defaultPreload: false,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

function NotFound() {
  return (
    <Page id="not-found" title="There is no such page">
      <Empty text="The address may be of another version, or mistyped.">
        <LinkButton to="/" variant="filled">
          Open Home
        </LinkButton>
      </Empty>
    </Page>
  )
}

function NotServed() {
  return (
    <Page id="not-served" title="Not on this server">
      <Empty text="Workers of a group have no such section. Open it at a server that was started alone, with scamander start.">
        <LinkButton to="/" variant="filled">
          Open Home
        </LinkButton>
      </Empty>
    </Page>
  )
}

function Broken({ error }: ErrorComponentProps) {
  return (
    <Page id="broken" title="This screen failed">
      <PanelError error={error as Error} what="this screen" onRetry={() => location.reload()} />
    </Page>
  )
}

/** What an address that was written by hand holds: a token of 64 bits, a list as JSON. */
function exactTexts(given: Record<string, unknown>): Record<string, unknown> {
  const { token, key } = given
  const written = new URLSearchParams(location.search).get('token')
  return {
    ...given,
    token: typeof token === 'number' ? (written ?? String(token)) : token,
    key: Array.isArray(key) ? JSON.stringify(key.map(String)) : key,
  }
}

function texts(given: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap(name => {
      const value = given[name]
      const isText = typeof value === 'string' || typeof value === 'number'
      return isText && value !== '' ? [[name, String(value)]] : []
    }),
  )
}
