/**
 * Says that the server has another version than this page, and offers to load it anew: told by the session,
 * which is read again when the server begins anew, or by a part of the page that is not there any more.
 * Used by the shell.
 * Invariants: it is told once; nothing is loaded anew by itself, because forms may hold changes.
 * Spec: ui 6 (static files).
 */
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { createElement, useEffect, useRef } from 'react'
import { isServerThere } from '../parts/lazy-part.tsx'
import { sessionQuery } from '../parts/session.ts'

const ID = 'updated'

export function useUpdated(): void {
  const version = useQuery(sessionQuery).data?.version
  const first = useRef(version)
  first.current ??= version
  const isOther = version !== first.current
  useEffect(() => {
    if (isOther) tell()
  }, [isOther])
  useEffect(() => {
    // While the server is away its parts cannot be loaded either.
    const tellIfThere = () => void isServerThere().then(isThere => isThere && tell())
    addEventListener('vite:preloadError', tellIfThere)
    return () => removeEventListener('vite:preloadError', tellIfThere)
  }, [])
}

function tell(): void {
  const reload = createElement(
    'button',
    {
      type: 'button',
      className: 'sc-text-button',
      onClick: () => location.reload(),
      'data-testid': 'toast-link',
    },
    'Reload',
  )
  notifications.show({
    ...{ id: ID, message: createElement('span', null, 'Scamander was updated. ', reload) },
    ...{ color: 'accent', autoClose: false, role: 'status' },
    ...{ 'data-testid': 'toast', 'data-kind': 'update' },
    closeButtonProps: { 'aria-label': 'Close the message' },
  })
}
