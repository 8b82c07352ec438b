/**
 * Header, navigation and the place of the screen. The root of all routes.
 * Invariants: one main landmark; the skip link is the first stop; the dot tells the truth about the
 * last answers of the server.
 * Spec: ui 3 (shell), 4.3 (dot), 4.9, 4.10.
 */
import { ActionIcon, Tooltip } from '@mantine/core'
import { useHotkeys, useLocalStorage } from '@mantine/hooks'
import { IconLayoutSidebar, IconSearch } from '@tabler/icons-react'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { SERVES_JOBS } from '../parts/served.ts'
import { Bell } from './bell.tsx'
import { LiveDot } from './live-dot.tsx'
import { Navigation } from './navigation.tsx'
import { openPalette, Palette } from './palette.tsx'
import { ThemeToggle, useThemeToggle } from './theme-toggle.tsx'
import { useGoKeys } from './use-go-keys.ts'

export function Shell() {
  const [folded, setFolded] = useLocalStorage({ key: 'scamander-nav-folded', defaultValue: false })
  const navigate = useNavigate()
  const toggleTheme = useThemeToggle()
  useGoKeys(to => void navigate({ to }))
  useHotkeys([
    ['[', () => setFolded(!folded)],
    ['t', toggleTheme],
    ['/', () => document.querySelector<HTMLElement>('[data-testid=search]')?.focus()],
  ])
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
        {SERVES_JOBS && <Bell />}
        <ThemeToggle />
      </header>
      <Navigation />
      <main className="sc-main" id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Palette />
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
