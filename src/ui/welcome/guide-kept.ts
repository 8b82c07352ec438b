/**
 * What this browser keeps of the first run: the way that was chosen, and that the welcome was seen.
 * Used by the shell, Home and the welcome page.
 * Invariant: what is kept names objects of the server, never a secret; a way that was ended is forgotten.
 * Spec: ui 5.2 (first run).
 */
import { useLocalStorage } from '@mantine/hooks'
import type { Chosen } from './guide-model.ts'

export function useGuide() {
  return useLocalStorage<Chosen | null>({
    ...{ key: 'scamander-guide', defaultValue: null, getInitialValueInEffect: false },
  })
}

/** Set once the welcome was skipped or a way was chosen: it does not open by itself again. */
export function useWelcomed() {
  return useLocalStorage<boolean>({
    ...{ key: 'scamander-welcomed', defaultValue: false, getInitialValueInEffect: false },
  })
}
