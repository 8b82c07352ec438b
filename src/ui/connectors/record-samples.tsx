/**
 * What a configuration makes of the last record of each topic, before anything is launched: the
 * statement with its values, or what fails. Used by the review of a new connector.
 * Invariant: asked for only while the configuration has no errors; a failing sample warns, it does
 * not forbid: the next record may be a good one.
 * Spec: ui 5.4 (review: sample).
 */
import './connectors.css'
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconXboxXFilled,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { RecordSample, SampleStatement } from '../../api-v1-connectors.ts'
import { Panel } from '../parts/panel.tsx'
import { missingTopicText, samplesQuery } from './check-queries.ts'
import type { Config } from './connector-queries.ts'

export function RecordSamples({ config }: { readonly config: Config }) {
  const query = useQuery(samplesQuery(config))
  if (query.data?.length === 0) return undefined
  return (
    <section className="sc-card sc-card-body" aria-labelledby="sample-title">
      <h2 id="sample-title" className="sc-card-title">
        Sample
      </h2>
      <Panel query={query} what="a sample">
        {samples => (
          <ul className="sc-samples">
            {samples.map(sample => (
              <Sample key={sample.topic} sample={sample} />
            ))}
          </ul>
        )}
      </Panel>
    </section>
  )
}

function Sample({ sample }: { readonly sample: RecordSample }) {
  const { topic, state, record, statements, problems } = sample
  const isFailed = state === 'failed'
  return (
    <li data-testid="review-sample" data-key={topic} data-state={state}>
      <p className="sc-sample-head">
        {state === 'passed' && (
          <IconCircleCheckFilled className="sc-ok" size={16} role="img" aria-label="Passed" />
        )}
        {state === 'missing' && (
          <IconAlertTriangleFilled
            className="sc-warning"
            size={16}
            role="img"
            aria-label="Warning"
          />
        )}
        {isFailed && (
          <IconXboxXFilled className="sc-failed" size={16} role="img" aria-label="Failed" />
        )}
        <span>{headOf(sample)}</span>
        {record !== null && <bdi className="sc-mono sc-quiet">{record}</bdi>}
      </p>
      {statements.map((statement, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two tables may get equal statements
        <Statement key={index} statement={statement} />
      ))}
      {problems.map(({ stage, message }) => (
        <p key={message} className="sc-problem sc-wrap" data-testid="review-sample-problem">
          <span className="sc-mono">{stage}</span>: <bdi>{message}</bdi>
        </p>
      ))}
    </li>
  )
}

function headOf({ topic, state }: RecordSample): string {
  switch (state) {
    case 'missing':
      return `Warning: ${missingTopicText(topic)}`
    case 'empty':
      return `${topic} holds no record yet, so there is nothing to try.`
    case 'dropped':
      return `A transform drops the last record of ${topic}.`
    case 'failed':
      return `The last record of ${topic} cannot be written:`
    case 'passed':
      return `The last record of ${topic} becomes:`
  }
}

function Statement({ statement: { cql, values } }: { readonly statement: SampleStatement }) {
  return (
    <>
      <pre className="sc-sample-cql">{cql}</pre>
      <dl className="sc-facts">
        {values.map(({ name, value }) => (
          <div key={name} className="sc-fact">
            <dt className="sc-mono">{name}</dt>
            <dd className="sc-mono sc-wrap">
              <bdi>
                {value === null ? 'NULL' : typeof value === 'string' ? value : `${value.text}…`}
              </bdi>
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}
