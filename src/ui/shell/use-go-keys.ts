/**
 * `g` and the letter of a section go there, `?` shows all keys. Used by the shell.
 * Invariant: single keys never fire while somebody types.
 * Spec: ui 4.7.
 */
import { useEffect } from 'react'
import { SECTIONS, type Section } from './sections.ts'

const PAUSE_MS = 1000

export function useGoKeys(go: (to: Section['to']) => void, onHelp: () => void): void {
  useEffect(() => {
    let startedAt = 0
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.key === '?') return onHelp()
      if (event.key === 'g') {
        startedAt = event.timeStamp
        return
      }
      const section = SECTIONS.find(one => one.key === event.key)
      if (section !== undefined && event.timeStamp - startedAt < PAUSE_MS) go(section.to)
      startedAt = 0
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [go, onHelp])
}

/** Letters belong to the field. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  )
}
