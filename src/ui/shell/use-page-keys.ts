/**
 * Keys that press a button of the page that is shown: n new, 1…9 a tab, r read again, Shift R run, Ctrl S save,
 * Ctrl Enter preview, test or run, F8 to the messages, u local time or UTC. Used by the shell.
 * Invariants: a key does what a click on its button would, and nothing where there is none; single keys never
 * fire while somebody types, in a dialog, or when they are switched off; what an editor took is its own.
 * Spec: ui 4.6 (F8), 4.7.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { usePreferences } from '../parts/preferences.ts'
import { changeZone, shownZone } from '../parts/zone.ts'
import { isTyping } from './use-go-keys.ts'

/** Test ids of buttons, the first that is shown is pressed. */
const NEW = [
  ...['connections-add', 'jobs-add', 'tasks-add', 'connectors-add', 'destination-create'],
  ...['destination-add', 'channel-create', 'channel-add', 'migration-new', 'topic-add'],
  ...['user-add', 'token-create', 'secret-add', 'column-add', 'empty-add'],
]
const RUN = ['bulk-run', 'job-run']
const SAVE = [
  ...['save-changes', 'connection-submit', 'schedule-save', 'channel-submit', 'destination-submit'],
  ...['user-save', 'token-save', 'secret-save', 'job-create'],
]
const TRY = ['columns-preview', 'query-preview', 'cql-run', 'paste-convert', 'connection-submit']

export function usePageKeys(): void {
  const client = useQueryClient()
  const [{ keys }] = usePreferences()
  const act = (event: KeyboardEvent): boolean => {
    if (event.key === 'F8') return toMessages()
    if (event.ctrlKey || event.metaKey) return !event.altKey && onControl(event.key)
    if (!keys || event.altKey || event.repeat || isTyping(event.target)) return false
    if (openDialog() !== null) return false
    if (/^[1-9]$/.test(event.key)) return pressTab(Number(event.key))
    if (event.key === 'n') return press(NEW)
    // With Caps Lock r is R, too: it runs nothing.
    if (event.key === 'R' && event.shiftKey) return press(RUN)
    if (event.key === 'u') changeZone(shownZone() === 'utc' ? 'local' : 'utc')
    else if (event.key === 'r') void client.refetchQueries({ type: 'active' })
    else return false
    return true
  }
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && latest.current(event)) event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function onControl(key: string): boolean {
  if (key === 's') return press(SAVE)
  return key === 'Enter' && press(TRY)
}

function openDialog(): Element | null {
  return document.querySelector('[aria-modal=true]')
}

function press(ids: readonly string[]): boolean {
  const place = openDialog() ?? document.getElementById('main')
  for (const id of ids) {
    const found = place?.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`) ?? []
    const shown = [...found].find(one => one.checkVisibility())
    if (shown === undefined || shown.matches(':disabled, [data-disabled]')) continue
    shown.click()
    return true
  }
  return false
}

function pressTab(nth: number): boolean {
  const list = document.querySelector('#main [role=tablist]')
  const tab = list?.querySelectorAll<HTMLElement>('[role=tab]')[nth - 1]
  tab?.click()
  tab?.focus()
  return tab !== undefined
}

/** Newest last: it stands at the bottom. */
function toMessages(): boolean {
  const newest = [...document.querySelectorAll<HTMLElement>('[data-testid=toast]')].at(-1)
  newest?.querySelector<HTMLElement>('a, button')?.focus()
  return newest !== undefined
}
