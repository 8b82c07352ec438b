/**
 * The switch between the two halves of Data, and what a person sees who may not see contents.
 * Used by every Data screen.
 * Spec: ui 4.2 (forbidden), 5.7.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../parts/session.ts'

export function DataSwitch() {
  return (
    <nav className="sc-filters sc-data-switch" aria-label="Data">
      <Link to="/data/cassandra" data-testid="data-cassandra">
        Cassandra
      </Link>
      <Link to="/data/kafka/topics" data-testid="data-kafka">
        Kafka
      </Link>
    </nav>
  )
}

const ROLES: Readonly<Record<string, string>> = {
  viewer: 'Viewer',
  job_operator: 'Job operator',
  job_creator: 'Job creator',
}

export function Forbidden({ what }: { readonly what: string }) {
  const { data } = useQuery(sessionQuery)
  return (
    <div className="sc-card">
      <div className="sc-empty" data-testid="forbidden">
        <p>
          Your role ({ROLES[data?.role ?? ''] ?? data?.role}) cannot see {what}. Ask an
          administrator.
        </p>
      </div>
    </div>
  )
}
