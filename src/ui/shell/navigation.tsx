/**
 * The list of sections at the left. A number means that something needs attention, never a total.
 * Used by the shell.
 * Spec: ui 2.
 */
import { Link } from '@tanstack/react-router'
import { useAttention } from './attention.ts'
import { SECTIONS } from './sections.ts'

export function Navigation() {
  const attention = useAttention()
  return (
    <nav className="sc-nav" aria-label="Sections">
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
