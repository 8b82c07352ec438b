/**
 * Search for objects, pages, tables, topics and commands with Ctrl K. Loaded by palette-door.tsx.
 * Invariants: every entry leads somewhere; acts that need a confirmation ask for it on their page; what it
 * searches is asked of the server only while it is open.
 * Spec: ui 4.7.
 */
import { Spotlight, spotlight } from '@mantine/spotlight'
import { IconChevronRight } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { StatusChip } from '../parts/status-chip.tsx'
import { type Entry, usePaletteEntries } from './palette-entries.ts'
import { matching } from './palette-match.ts'
import { keepRecent } from './palette-recent.ts'

const SHOWN_MAX = 12
const HINT = 'Search or run a command; > for commands, # for topics and tables'

export function Palette({ asked }: { readonly asked: number }) {
  const [text, setText] = useState('')
  useEffect(() => {
    if (asked > 0) spotlight.open()
  }, [asked])
  return (
    <Spotlight.Root
      query={text}
      onQueryChange={setText}
      shortcut={null}
      overlayProps={{ blur: 0 }}
      maxHeight={400}
      scrollable
    >
      <Spotlight.Search
        placeholder={HINT}
        aria-label="Search or run a command"
        onKeyDown={toNewTab}
        data-testid="palette-input"
      />
      <Spotlight.ActionsList>
        <Found text={text} />
      </Spotlight.ActionsList>
      <p className="sc-quiet sc-palette-foot">
        ↑↓ move · Enter open · Ctrl Enter new tab · &gt; commands · # topics, tables
      </p>
    </Spotlight.Root>
  )
}

function Found({ text }: { readonly text: string }) {
  const { history } = useRouter()
  const { all, recent } = usePaletteEntries(text)
  const shown = (text.trim() === '' && recent.length > 0 ? recent : matching(all, text)).slice(
    0,
    SHOWN_MAX,
  )
  const open = (entry: Entry) => {
    if (entry.href === undefined) return entry.run?.()
    keepRecent(entry)
    history.push(entry.href)
  }
  if (shown.length === 0) return <Spotlight.Empty>Nothing matches.</Spotlight.Empty>
  return shown.map(entry => (
    <Spotlight.Action
      key={entry.key}
      onClick={() => open(entry)}
      data-testid="palette-item"
      data-key={entry.key}
      data-href={entry.href}
    >
      <span className="sc-entry">
        {entry.kind === 'Command' && <IconChevronRight size={16} stroke={1.5} aria-hidden />}
        <bdi className="sc-grow">{entry.title}</bdi>
        {entry.state === undefined ? (
          <span className="sc-quiet">{entry.kind}</span>
        ) : (
          <StatusChip state={entry.state} isRun={entry.kind === 'Job'} testId="palette-state" />
        )}
      </span>
    </Spotlight.Action>
  ))
}

/** The entry that Enter would open. */
function toNewTab(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
  const chosen = document.querySelector<HTMLElement>('[data-testid=palette-item][data-selected]')
  const href = chosen?.dataset['href']
  if (href === undefined) return
  event.preventDefault()
  open(href, '_blank', 'noopener')
}
