/** Which connection leads to a connector's cluster. */
import { expect, it } from 'vitest'
import type { ConnectionInfo } from '../../api-v1.ts'
import { connectionOf } from './connection-of.ts'

const connection = (id: string, server: string, connector = 'cassandra') =>
  ({ id, connector, properties: { server } }) as unknown as ConnectionInfo
const A = connection('a', 'h1, h2:9042')
const B = connection('b', 'h3')
const BACKLOG = connection('c', 'h1', 'backlog')

it.each([
  [{ contactPoints: 'x,h2' }, [B, A], 'a'],
  [{ 'connect.cassandra.contact.points': 'h3' }, [A, B], 'b'],
  [{ contactPoints: 'other' }, [BACKLOG, A], 'a'],
  [{ contactPoints: 'other' }, [A, B], undefined],
  [{}, [], undefined],
])('of %j', (config, connections, id) => {
  expect(connectionOf(config as Record<string, string>, connections)?.id).toBe(id)
})
