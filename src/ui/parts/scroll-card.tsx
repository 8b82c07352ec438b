/**
 * A card around a table that may be wider than the screen: it scrolls, and the keyboard reaches it.
 * Used around tables that have nothing else to focus.
 * Spec: ui 4.9.
 */
import type { ReactNode } from 'react'

interface ScrollCardProps {
  /** What the table shows. */
  readonly label: string
  readonly children: ReactNode
}

export function ScrollCard({ label, children }: ScrollCardProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="sc-card sc-grid-scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}
