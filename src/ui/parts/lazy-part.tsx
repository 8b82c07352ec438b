/**
 * Parts of the page that are loaded when they are shown. Used by screens, tabs and the router.
 * Invariants: while the server does not answer, a part is asked for again and again, and what is already on
 * screen stays; a part that this version of the server does not have says so in its own place.
 * Spec: ui 4.2, 6 (static files).
 */
import { type ComponentType, lazy } from 'react'

const RETRY_MS_MAX = 15_000

export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async () => {
    try {
      return { default: await untilLoaded(load) }
    } catch {
      return { default: Missing as ComponentType<Props> }
    }
  })
}

/** Throws when the server answers and the part is not there. */
export async function untilLoaded<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await load()
    } catch (error) {
      if (await isServerThere()) throw error
    }
    await new Promise(resolve => setTimeout(resolve, Math.min(1000 * 2 ** attempt, RETRY_MS_MAX)))
  }
}

/** Any answer will do. */
export async function isServerThere(): Promise<boolean> {
  try {
    await fetch('/ui/', { method: 'HEAD', cache: 'no-store' })
    return true
  } catch {
    return false
  }
}

function Missing() {
  return (
    <p className="sc-problem" role="alert" data-testid="part-missing">
      This part of the page could not be loaded: the server has another version. Load the page
      again.
    </p>
  )
}
