/**
 * Names of the jobs that use a connection, as ways to them. Used by its page and by the question before it is
 * deleted.
 * Spec: ui 4.5, 5.2.
 */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { jobsQuery } from '../jobs/job-queries.ts'

export function JobLinks({ names }: { readonly names: readonly string[] }) {
  const { data: jobs } = useQuery(jobsQuery)
  return names.map((name, index) => {
    const id = jobs?.find(one => one.name === name)?.id
    return (
      <Fragment key={name}>
        {index > 0 && ', '}
        {id === undefined ? (
          <bdi>{name}</bdi>
        ) : (
          <Link
            className="sc-link"
            to="/jobs/$id/$tab"
            params={{ id, tab: 'overview' }}
            data-testid="used-by"
            data-key={name}
          >
            <bdi>{name}</bdi>
          </Link>
        )}
      </Fragment>
    )
  })
}
