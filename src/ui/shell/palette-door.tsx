/**
 * Opens the palette: loaded while the browser has nothing to do, or when it is first asked for.
 * Used by the shell. Invariant: Ctrl K opens it from the first moment on.
 * Spec: ui 4.7, 7 (budgets).
 */
import { useHotkeys } from '@mantine/hooks'
import { Suspense, useEffect, useState } from 'react'
import { lazyPart } from '../parts/lazy-part.tsx'

const Palette = lazyPart(async () => (await import('./palette.tsx')).Palette)
const IDLE_MS = 2_000

let ask: () => void = () => undefined

export function openPalette(): void {
  ask()
}

export function PaletteDoor() {
  const [isLoaded, setLoaded] = useState(false)
  /** Counts: each asks once. */
  const [asked, setAsked] = useState(0)
  ask = () => setAsked(asked + 1)
  useHotkeys([['mod+K', () => ask()]], [])
  useEffect(() => {
    const timer = setTimeout(() => setLoaded(true), IDLE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!isLoaded && asked === 0) return undefined
  return (
    <Suspense fallback={undefined}>
      <Palette asked={asked} />
    </Suspense>
  )
}
