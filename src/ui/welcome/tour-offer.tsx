/**
 * "Show me around": what the demo offers instead of the welcome page. Used by Home.
 * Invariant: whoever answered is not asked again.
 * Spec: ui 5.2 (first run).
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '../parts/session.ts'
import { useGuide, useWelcomed } from './guide-kept.ts'

export function TourOffer() {
  const { data: session } = useQuery(sessionQuery)
  const [isWelcomed, setWelcomed] = useWelcomed()
  const [chosen, setGuide] = useGuide()
  if (session?.sandbox == null || isWelcomed || chosen !== null) return undefined
  const show = () => {
    setGuide({ path: 'try', before: [], seen: ['flows'] })
    setWelcomed(true)
  }
  return (
    <section
      className="sc-banner"
      data-role="tip"
      aria-label="First steps"
      data-testid="tour-offer"
    >
      <p className="sc-grow">
        These are live demo data on test servers of this machine. See in four steps where they come
        from and where they go.
      </p>
      <Button variant="filled" onClick={show} data-testid="tour-start">
        Show me around
      </Button>
      <Button onClick={() => setWelcomed(true)} data-testid="tour-skip">
        Not now
      </Button>
    </section>
  )
}
