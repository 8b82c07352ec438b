/**
 * The button that leads to the place of a step. Used by the strip.
 * Invariant: every place is a real address, so it opens in a new tab as well.
 * Spec: ui 2, 5.2.
 */
import { LinkButton } from '../parts/link-button.tsx'
import type { Place } from './guide-model.ts'

interface PlaceLinkProps {
  readonly place: Place
  readonly text: string
  readonly testId: string
  readonly onClick?: (() => void) | undefined
}

export function PlaceLink({ place, text, testId, onClick }: PlaceLinkProps) {
  const rest = { 'data-testid': testId, variant: 'filled', onClick, children: text } as const
  switch (place.kind) {
    case 'page':
      return <LinkButton to={place.to} {...rest} />
    case 'connector':
      return (
        <LinkButton
          to="/connectors/$name/$tab"
          params={{ name: place.name, tab: place.tab }}
          {...rest}
        />
      )
    case 'topic':
      return (
        <LinkButton
          to="/data/kafka/topics/$topic/$tab"
          params={{ topic: place.name, tab: 'records' }}
          search={{ from: 'newest' }}
          {...rest}
        />
      )
    case 'capture':
      return <LinkButton to="/capture/$tab" params={{ tab: place.tab }} search={{}} {...rest} />
    case 'job':
      return <LinkButton to="/jobs/$id/$tab" params={{ id: place.id, tab: place.tab }} {...rest} />
    case 'add-job':
      return <LinkButton to="/jobs" search={{ add: place.source }} {...rest} />
    case 'new-connection':
      return <LinkButton to="/connections/new/$kind" params={{ kind: place.of }} {...rest} />
    case 'migration':
      return <LinkButton to="/migrations/$name" params={{ name: place.name }} {...rest} />
    case 'tables':
      return (
        <LinkButton
          to="/data/cassandra/$connection"
          params={{ connection: place.connection }}
          {...rest}
        />
      )
  }
}
