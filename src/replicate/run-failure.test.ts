/** What is said of a run that failed as a whole. */
import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from '../cassandra/index.ts'
import { runFailure } from './run-failure.ts'

describe('the failure of a run', () => {
  it('names the connection instead of keys that no job has', () => {
    const said = 'contactPoints, port: expected a Cassandra node at a:1, found: it is refused'
    const error = new ScamanderError(CASSANDRA_ERRORS.CONNECTION_LOST, said)
    expect(runFailure(error, 'ops')).toBe(
      'connection ops: expected a Cassandra node at a:1, found: it is refused',
    )
  })

  it('is told as it is where no server is asked', () => {
    expect(runFailure(new Error('the hook failed'), 'ops')).toBe('the hook failed')
  })
})
