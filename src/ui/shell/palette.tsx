/**
 * Search for objects, pages and commands with Ctrl K. Used by the shell.
 * Invariant: every entry leads somewhere; acts that need a confirmation are done on their page.
 * Spec: ui 4.7.
 */
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { SERVES_CONNECT } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { matching } from './palette-match.ts'
import { SECTIONS } from './sections.ts'
import { useThemeToggle } from './theme-toggle.tsx'

interface Entry {
  readonly key: string
  readonly title: string
  readonly kind: string
  readonly state?: string
  readonly run: () => void
}

const SHOWN_MAX = 12

export function openPalette(): void {
  spotlight.open()
}

export function Palette() {
  const [text, setText] = useState('')
  const entries = useEntries()
  const shown = matching(entries, text).slice(0, SHOWN_MAX)
  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut="mod + K"
      overlayProps={{ blur: 0 }}
      maxHeight={400}
      scrollable
    >
      <Spotlight.Search
        placeholder="Search or run a command; > for commands only"
        aria-label="Search or run a command"
        data-testid="palette-input"
      />
      <Spotlight.ActionsList>
        {shown.map(entry => (
          <Spotlight.Action
            key={entry.key}
            onClick={entry.run}
            data-testid="palette-item"
            data-key={entry.key}
          >
            <span className="sc-entry">
              {entry.kind === 'Command' && <IconChevronRight size={16} stroke={1.5} aria-hidden />}
              <bdi className="sc-grow">{entry.title}</bdi>
              {entry.state === undefined ? (
                <span className="sc-quiet">{entry.kind}</span>
              ) : (
                <StatusChip
                  state={entry.state}
                  isRun={entry.kind === 'Job'}
                  testId="palette-state"
                />
              )}
            </span>
          </Spotlight.Action>
        ))}
        {shown.length === 0 && <Spotlight.Empty>Nothing matches.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

function useEntries(): Entry[] {
  const navigate = useNavigate()
  const toggleTheme = useThemeToggle()
  const { data } = useQuery(connectorsQuery)
  const mayAdd = useMay('standard')
  const objects = toRows(data ?? {}).map(
    (row): Entry => ({
      key: `connector ${row.name}`,
      title: row.name,
      kind: 'Connector',
      state: row.state,
      run: () =>
        void navigate({
          to: '/connectors/$name/$tab',
          params: { name: row.name, tab: 'overview' },
        }),
    }),
  )
  const pages = SECTIONS.map(
    (section): Entry => ({
      key: `page ${section.id}`,
      title: section.title,
      kind: 'Page',
      run: () => void navigate({ to: section.to }),
    }),
  )
  const command = (key: string, title: string, run: () => void): Entry => ({
    key: `command ${key}`,
    title,
    kind: 'Command',
    run,
  })
  const jobs = useJobEntries()
  const stream = [
    command('add-connector', 'Add Connector', () => void navigate({ to: '/connectors/new' })),
    command('paste', 'Paste a config', () => void navigate({ to: '/connectors/paste' })),
  ]
  return [
    ...jobs,
    ...objects,
    ...pages,
    ...(SERVES_CONNECT && mayAdd ? stream : []),
    command('welcome', 'First steps', () => void navigate({ to: '/welcome' })),
    command('errors', 'Codes of errors', () => void navigate({ to: '/help/errors', search: {} })),
    command('theme', 'Change the theme', toggleTheme),
  ]
}

function useJobEntries(): Entry[] {
  const navigate = useNavigate()
  const { data = [] } = useQuery(jobsQuery)
  return data.map(job => ({
    key: `job ${job.name}`,
    title: job.name,
    kind: 'Job',
    ...(job.lastRun === null ? {} : { state: job.lastRun.state }),
    run: () => void navigate({ to: '/jobs/$id/$tab', params: { id: job.id, tab: 'overview' } }),
  }))
}
