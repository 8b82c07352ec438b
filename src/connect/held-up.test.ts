/**
 * What holds up tasks: records that are tried again, and servers that are silent for more than 5 s.
 */
import { expect, it } from 'vitest'
import type { ConnectorTask } from './connector-task.ts'
import { heldUp } from './held-up.ts'

const of = (task: Partial<ConnectorTask>) =>
  ({ id: 0, troubles: () => [], unanswered: () => [], ...task }) as unknown as ConnectorTask

it('tells of records by place, and of servers that have been silent for long', () => {
  const trouble = {
    ...{ topic: 't', partition: 2, offset: 7, sinceMs: 1_000, attempts: 3 },
    ...{ code: 'C', message: 'm', advice: 'a', isRecord: true },
  }
  const silent = { server: 'Cassandra' as const, node: 'n', inFlight: 4 }
  const tasks = [
    of({ troubles: () => [trouble] }),
    of({
      id: 1,
      unanswered: () => [
        { ...silent, silentMs: 9_000 },
        { ...silent, silentMs: 4_000 },
      ],
    }),
  ]
  const all = [
    { name: 'a', tasks },
    { name: 'b', tasks: [of({})] },
  ]
  expect(heldUp(all, 10_000)).toEqual([
    {
      connector: 'a',
      troubles: [
        {
          ...{ task: 0, record: 't-2@7', since: '1970-01-01T00:00:01.000Z' },
          ...{ code: 'C', message: 'm', advice: 'a', isRecord: true, attempts: 3 },
        },
      ],
      waits: [{ task: 1, ...silent, since: '1970-01-01T00:00:01.000Z' }],
    },
  ])
})
