/**
 * Header, navigation and the place of the screen. The root of all routes.
 * Invariants: one main landmark; the skip link is the first stop; the dot tells the truth about the
 * last answers of the server.
 * Spec: ui 3 (shell), 4.3 (dot), 4.9, 4.10.
 */
import { ActionIcon, Tooltip } from '@mantine/core'
import { type HotkeyItem, useHotkeys, useLocalStorage } from '@mantine/hooks'
import { IconHelp, IconLayoutSidebar, IconSearch } from '@tabler/icons-react'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { liveStore } from '../live/live-store.ts'
import { useMotion, usePreferences } from '../parts/preferences.ts'
import { SERVES_JOBS } from '../parts/served.ts'
import { UserMenu } from '../session/user-menu.tsx'
import { Activity } from './activity.tsx'
import { useAroundTitle } from './attention.ts'
import { Bell } from './bell.tsx'
import { Guide } from './guide.tsx'
import { KeysOverlay } from './keys-overlay.tsx'
import { LiveDot } from './live-dot.tsx'
import { Navigation } from './navigation.tsx'
import { openPalette, PaletteDoor } from './palette-door.tsx'
import { SandboxPill } from './sandbox-pill.tsx'
import { ThemeToggle, useThemeToggle } from './theme-toggle.tsx'
import { useGoKeys } from './use-go-keys.ts'
import { usePageKeys } from './use-page-keys.ts'
import { useUpdated } from './use-updated.ts'

export function Shell() {
  const [folded, setFolded] = useLocalStorage({ key: 'scamander-nav-folded', defaultValue: false })
  const navigate = useNavigate()
  const toggleTheme = useThemeToggle()
  const [areKeysShown, setKeysShown] = useState(false)
  const [{ keys }] = usePreferences()
  useMotion()
  useAroundTitle()
  usePageKeys()
  useUpdated()
  useGoKeys(
    to => keys && void navigate({ to }),
    () => keys && setKeysShown(true),
  )
  const single: HotkeyItem[] = [
    ['[', () => setFolded(!folded)],
    ['t', toggleTheme],
    ['p', () => liveStore.toggleFreeze()],
    ['/', () => document.querySelector<HTMLElement>('[data-testid=search]')?.focus()],
  ]
  useHotkeys(keys ? single : [])
  return (
    <div className="sc-shell" data-folded={folded}>
      <a className="sc-skip" href="#main">
        Skip to the content
      </a>
      <header className="sc-header">
        <Tooltip label="Fold the navigation  [">
          <ActionIcon
            aria-label="Fold the navigation"
            aria-pressed={folded}
            onClick={() => setFolded(!folded)}
            data-testid="nav-fold"
          >
            <IconLayoutSidebar size={20} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
        <Link className="sc-brand" to="/">
          <Mark />
          Scamander
        </Link>
        <SandboxPill />
        <span className="sc-spacer" />
        <button
          type="button"
          className="sc-search"
          onClick={openPalette}
          aria-label="Search or run a command"
          data-testid="palette-open"
        >
          <IconSearch size={16} stroke={1.5} aria-hidden />
          <span>Search or run a command</span>
          <kbd>Ctrl K</kbd>
        </button>
        <span className="sc-spacer" />
        <LiveDot />
        <Activity />
        {SERVES_JOBS && <Bell />}
        <Tooltip label="Keys  ?">
          <ActionIcon
            className="sc-help"
            aria-label="Keys"
            onClick={() => setKeysShown(true)}
            data-testid="help"
          >
            <IconHelp size={20} stroke={1.5} />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
        <UserMenu />
      </header>
      <Navigation />
      <main className="sc-main" id="main" tabIndex={-1}>
        <Guide />
        <Outlet />
      </main>
      <PaletteDoor />
      <KeysOverlay opened={areKeysShown} onClose={() => setKeysShown(false)} />
    </div>
  )
}

/** A river that ends where it should. */
function Mark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path
        d="M3 16c6 0 6-8 12-8h4"
        stroke="var(--accent)"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
      <circle cx="19.5" cy="8" r="2.5" fill="var(--accent)" />
    </svg>
  )
}
