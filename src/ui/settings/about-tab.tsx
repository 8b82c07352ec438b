/**
 * What runs here: versions, who looks, where the API and its description are.
 * Invariant: nothing secret; what is not known is left out.
 * Spec: ui 5.7 (About).
 */
import { useQuery } from '@tanstack/react-query'
import { flowsQuery } from '../home/home-queries.ts'
import { toDuration } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { SERVES_CONNECT, SERVES_JOBS } from '../parts/served.ts'
import { sessionQuery } from '../parts/session.ts'
import { ROLE_WORDS } from '../session/user-menu.tsx'

export function AboutTab() {
  const session = useQuery(sessionQuery)
  const worker = useQuery(flowsQuery).data?.worker
  return (
    <Panel query={session} what="the server">
      {({ version, user, role, login }) => (
        <section className="sc-card sc-card-body" aria-label="About">
          <dl className="sc-facts">
            <Fact name="Scamander" value={version} />
            <Fact name="You are" value={`${user}, ${ROLE_WORDS[role]}`} />
            <Fact name="Sign-in" value={login ? 'required' : 'not required on this machine'} />
            {worker !== undefined && <Fact name="Kafka cluster" value={worker.kafkaClusterId} />}
            {worker !== undefined && (
              <Fact name="Up for" value={toDuration(worker.upSeconds * 1_000)} />
            )}
            <Fact name="Address" value={location.origin} />
            <Fact name="License" value="Apache License 2.0" />
          </dl>
          <p>
            {SERVES_JOBS && (
              <a className="sc-link" href="/api/v1/openapi.json" data-testid="about-openapi">
                OpenAPI document of /api/v1
              </a>
            )}
            {SERVES_JOBS && SERVES_CONNECT && ' · '}
            {SERVES_CONNECT && (
              <a className="sc-link" href="/metrics" data-testid="about-metrics">
                Metrics for Prometheus
              </a>
            )}
          </p>
        </section>
      )}
    </Panel>
  )
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="sc-fact">
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  )
}
