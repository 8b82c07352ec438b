/**
 * The place of the strip of first steps above every screen: loaded only when a way was chosen.
 * Used by the shell. Invariant: without a way nothing is loaded and nothing is asked of the server.
 * Spec: ui 5.2 (first run), 7 (budgets).
 */
import { Suspense } from 'react'
import { lazyPart } from '../parts/lazy-part.tsx'
import { useGuide } from '../welcome/guide-kept.ts'

const GuideStrip = lazyPart(async () => (await import('../welcome/guide-strip.tsx')).GuideStrip)

export function Guide() {
  const [chosen] = useGuide()
  if (chosen === null) return undefined
  return (
    <Suspense fallback={undefined}>
      <GuideStrip />
    </Suspense>
  )
}
