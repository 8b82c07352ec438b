/**
 * The settings of the server and of this browser, a tab each. Route /ui/settings/{tab}.
 * Invariant: a tab stands here only where the server has what it shows and the role may see it.
 * Spec: ui 4.11, 5.7.
 */
import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import type { SessionInfo } from '../../api-v1.ts'
import { Channels } from '../jobs/channels.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/panel.tsx'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { sessionQuery } from '../parts/session.ts'
import { AboutTab } from './about-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { LoggersTab } from './loggers-tab.tsx'
import { PluginsTab } from './plugins-tab.tsx'
import { PreferencesTab } from './preferences-tab.tsx'
import { SecretsTab } from './secrets-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'
import { UsersTab } from './users-tab.tsx'

interface Tab {
  readonly key: string
  readonly title: string
  readonly isShown: (session: SessionInfo | undefined) => boolean
  readonly View: ComponentType
}

const TABS: readonly Tab[] = [
  {
    ...{ key: 'users', title: 'Users', View: UsersTab },
    isShown: session => session?.role === 'admin' && session.managesUsers,
  },
  { key: 'tokens', title: 'Tokens', View: TokensTab, isShown: () => SERVES_JOBS },
  {
    ...{ key: 'alerts', title: 'Alerts', View: Channels },
    isShown: session => SERVES_JOBS && (session?.role === 'admin' || session?.role === 'standard'),
  },
  {
    ...{ key: 'secrets', title: 'Secrets', View: SecretsTab },
    isShown: session => SERVES_JOBS && (session?.role === 'admin' || session?.role === 'standard'),
  },
  {
    ...{ key: 'history', title: 'History', View: HistoryTab },
    isShown: session => SERVES_JOBS && session?.role === 'admin',
  },
  { key: 'loggers', title: 'Loggers', View: LoggersTab, isShown: () => SERVES_CONNECT },
  { key: 'plugins', title: 'Plugins', View: PluginsTab, isShown: () => SERVES_CONNECT },
  { key: 'preferences', title: 'Preferences', View: PreferencesTab, isShown: () => true },
  { key: 'about', title: 'About', View: AboutTab, isShown: () => true },
]

export function SettingsPage() {
  const { tab } = useParams({ strict: false }) as { tab: string }
  const { data } = useQuery(sessionQuery)
  const navigate = useNavigate()
  const shown = TABS.filter(one => one.isShown(data))
  const open = shown.find(one => one.key === tab)
  return (
    <Page id="settings" title={open?.title ?? 'Settings'} section="Settings">
      <Tabs
        value={tab}
        onChange={next =>
          next !== null && void navigate({ to: '/settings/$tab', params: { tab: next } })
        }
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {shown.map(one => (
            <Tabs.Tab key={one.key} value={one.key} data-testid={`tab-${one.key}`}>
              {one.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {shown.map(one => (
          <Tabs.Panel key={one.key} value={one.key}>
            <one.View />
          </Tabs.Panel>
        ))}
      </Tabs>
      {open === undefined && (
        <Empty text="There is no such part of the settings, or your role does not see it." />
      )}
    </Page>
  )
}
