/**
 * What a person chose for this browser: single keys and motion. Read by the keys of the shell and, for
 * motion, by the style sheet.
 * Invariant: kept in this browser only; what is not set is as the system says.
 * Spec: ui 3 (Motion), 4.7 (keys can be switched off), 5.7 (Preferences).
 */
import { useLocalStorage } from '@mantine/hooks'
import { useEffect } from 'react'

export interface Preferences {
  /** Single keys act: g h, j, ?, … @default true */
  readonly keys: boolean
  /** @default false */
  readonly reduceMotion: boolean
}

const DEFAULTS: Preferences = { keys: true, reduceMotion: false }

export function usePreferences() {
  return useLocalStorage<Preferences>({
    key: 'scamander-preferences',
    defaultValue: DEFAULTS,
    getInitialValueInEffect: false,
  })
}

/** Once, by the shell. */
export function useMotion(): void {
  const [{ reduceMotion }] = usePreferences()
  useEffect(() => {
    document.documentElement.toggleAttribute('data-reduce-motion', reduceMotion)
  }, [reduceMotion])
}
