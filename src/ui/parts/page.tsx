/**
 * The frame of a screen: title of the tab, heading that takes the focus, status and actions.
 * Used by every screen once.
 * Invariant: one h1 per page; `data-loading` is false once the page can be used.
 * Spec: ui 2 (titles), 3 (page head), 4.9, 8 (page ids).
 */
import { Group } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { setTitle } from './title.ts'

interface PageProps {
  /** Behind `page-` in the test id. */
  readonly id: string
  readonly title: string
  /** Before the section in the title of the tab. */
  readonly section?: string
  readonly status?: ReactNode
  readonly actions?: ReactNode
  readonly loading?: boolean
  readonly children: ReactNode
}

export function Page(props: PageProps) {
  const { id, title, section, status, actions, loading = false, children } = props
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    setTitle(title, section)
    heading.current?.focus({ preventScroll: true })
  }, [title, section])
  return (
    <div data-testid={`page-${id}`} data-loading={loading}>
      <div className="sc-page-head">
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        {status}
        <span className="sc-spacer" />
        <Group gap="sm">{actions}</Group>
      </div>
      {children}
    </div>
  )
}
