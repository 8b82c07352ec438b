/**
 * Who is signed in, in which zone times are shown, and the way out. Used by the header.
 * Invariant: without a login there is nothing to sign out of, and it says so by leaving it out.
 * Spec: ui 5.1 (header), 8 (`user-menu`).
 */
import { Button, Menu } from '@mantine/core'
import { IconCheck, IconClock, IconLogout, IconSettings, IconUser } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Role } from '../../api-v1.ts'
import { sessionQuery } from '../parts/session.ts'
import { changeZone, shownZone } from '../parts/zone.ts'
import { useSignOut } from './session-acts.ts'

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  admin: 'Admin',
  standard: 'Standard',
  job_creator: 'Job creator',
  job_operator: 'Job operator',
  viewer: 'Viewer',
}

const ZONES = [
  ['local', 'Local time'],
  ['utc', 'UTC'],
] as const

export function UserMenu() {
  const { data } = useQuery(sessionQuery)
  const navigate = useNavigate()
  const signOut = useSignOut()
  if (data === undefined) return undefined
  const { user, role, endsAt } = data
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-sm"
          className="sc-user"
          leftSection={<IconUser size={16} stroke={1.5} aria-hidden />}
          aria-label={`Signed in as ${user}`}
          data-testid="user-menu"
        >
          <bdi>{user}</bdi>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          Signed in as <bdi>{user}</bdi>, {ROLE_WORDS[role]}
        </Menu.Label>
        <Menu.Item
          leftSection={<IconSettings size={16} stroke={1.5} />}
          onClick={() => void navigate({ to: '/settings/$tab', params: { tab: 'preferences' } })}
          data-testid="user-preferences"
        >
          Preferences
        </Menu.Item>
        <Menu.Label>Times</Menu.Label>
        {ZONES.map(([zone, title]) => (
          <Menu.Item
            key={zone}
            leftSection={<IconClock size={16} stroke={1.5} />}
            rightSection={shownZone() === zone ? <IconCheck size={16} stroke={1.5} /> : undefined}
            aria-current={shownZone() === zone}
            onClick={() => changeZone(zone)}
            data-testid="menu-item"
            data-key={`zone-${zone}`}
          >
            {title}
          </Menu.Item>
        ))}
        {endsAt !== null && (
          <Menu.Item
            leftSection={<IconLogout size={16} stroke={1.5} />}
            onClick={() => signOut.mutate()}
            data-testid="sign-out"
          >
            Sign out
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
