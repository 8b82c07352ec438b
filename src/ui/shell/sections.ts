/**
 * The sections of the page: one list for the navigation, the keys and the palette.
 * A section stands here only when it works, and is shown only when the server has its API.
 * Spec: ui 2 (map), 4.7 (keys).
 */
import {
  IconArrowsTransferUp,
  IconCalendarRepeat,
  IconChartLine,
  IconDatabase,
  IconHome,
  IconPlugConnected,
  IconRadar2,
  IconSettings,
  IconTable,
} from '@tabler/icons-react'
import { SERVES_CONNECT, SERVES_DATA, SERVES_JOBS, SERVES_MIGRATIONS } from '../parts/served.ts'

export interface Section {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly to:
    | '/'
    | '/connections'
    | '/jobs'
    | '/connectors'
    | '/capture'
    | '/migrations'
    | '/data'
    | '/monitoring'
    | '/settings'
  /** Pressed after g. */
  readonly key: string
  readonly icon: typeof IconPlugConnected
}

const REPLICATE: readonly Section[] = [
  {
    ...{ id: 'connections', title: 'Connections', group: 'Replicate', key: 'c' },
    ...{ to: '/connections', icon: IconDatabase },
  },
  {
    ...{ id: 'jobs', title: 'Jobs', group: 'Replicate', key: 'j' },
    ...{ to: '/jobs', icon: IconCalendarRepeat },
  },
]

const STREAM: readonly Section[] = [
  {
    ...{ id: 'connectors', title: 'Connectors', group: 'Stream', key: 'k' },
    ...{ to: '/connectors', icon: IconPlugConnected },
  },
  {
    ...{ id: 'capture', title: 'Capture', group: 'Stream', key: 'a' },
    ...{ to: '/capture', icon: IconRadar2 },
  },
]

const MIGRATE: readonly Section[] = [
  {
    ...{ id: 'migrations', title: 'Migrations', group: 'Migrate', key: 'm' },
    ...{ to: '/migrations', icon: IconArrowsTransferUp },
  },
]

const LOOK: readonly Section[] = [
  {
    ...{ id: 'data', title: 'Data', group: 'Look', key: 'd' },
    ...{ to: '/data', icon: IconTable },
  },
]

const HOME: Section = {
  ...{ id: 'home', title: 'Home', group: '', key: 'h' },
  ...{ to: '/', icon: IconHome },
}

const MONITORING: Section = {
  ...{ id: 'monitoring', title: 'Monitoring', group: 'Look', key: 'o' },
  ...{ to: '/monitoring', icon: IconChartLine },
}

const SETTINGS: Section = {
  ...{ id: 'settings', title: 'Settings', group: '', key: 's' },
  ...{ to: '/settings', icon: IconSettings },
}

export const SECTIONS: readonly Section[] = [
  HOME,
  ...(SERVES_JOBS ? REPLICATE : []),
  ...(SERVES_CONNECT ? STREAM : []),
  ...(SERVES_MIGRATIONS ? MIGRATE : []),
  ...(SERVES_DATA ? LOOK : []),
  MONITORING,
  SETTINGS,
]
