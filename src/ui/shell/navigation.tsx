/**
 * The list of sections at the left, on narrow screens a bar. A number means that something needs attention, never a total.
 * Used by the shell.
 * Spec: ui 2.
 */
import { Link, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useAttention } from './attention.ts'
import { SECTIONS } from './sections.ts'

export function Navigation() {
  const attention = useAttention()
  const bar = useOpenInSight()
  return (
    <nav ref={bar} className="sc-nav" aria-label="Sections">
      {SECTIONS.map((section, index) => (
        <div key={section.id}>
          {section.group !== '' && section.group !== SECTIONS[index - 1]?.group && (
            <div className="sc-nav-caption">{section.group}</div>
          )}
          <Link
            className="sc-nav-item"
            to={section.to}
            activeOptions={{ exact: section.to === '/' }}
            title={section.title}
            data-testid={`nav-${section.id}`}
          >
            <section.icon size={20} stroke={1.5} aria-hidden />
            <span>{section.title}</span>
            {attention.has(section.id) && (
              <span className="sc-count" data-testid={`nav-${section.id}-count`}>
                <span className="sc-hidden">needing attention: </span>
                {attention.get(section.id)}
              </span>
            )}
          </Link>
        </div>
      ))}
    </nav>
  )
}

/** The bar of narrow screens shows the section that is open. */
function useOpenInSight() {
  const bar = useRef<HTMLElement>(null)
  const { pathname } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page may be of another section
  useEffect(() => {
    const open = bar.current?.querySelector<HTMLElement>('[data-status=active]')
    if (bar.current === null || open == null) return
    bar.current.scrollLeft = open.offsetLeft - (bar.current.clientWidth - open.offsetWidth) / 2
  }, [pathname])
  return bar
}
