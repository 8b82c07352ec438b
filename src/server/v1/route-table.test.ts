import { describe, expect, it } from 'vitest'
import type { Method, Route } from '../route.ts'
import { RouteTable } from './route-table.ts'

const route = (method: Method, path: string): Route => ({
  ...{ method, path, summary: path },
  handle: () => ({ status: 200 }),
})

const table = new RouteTable([
  route('GET', '/jobs/:id'),
  route('GET', '/jobs/import'),
  route('POST', '/jobs/:id/tasks/:task/plan'),
])
const find = (method: string, path: string) => {
  const found = table.find(method, path)
  return found === undefined ? undefined : [found.route.path, found.params]
}

describe('RouteTable', () => {
  it('prefers a path without variable parts', () => {
    expect(find('GET', '/jobs/import')).toEqual(['/jobs/import', {}])
    expect(find('GET', '/jobs/other/')).toEqual(['/jobs/:id', { id: 'other' }])
  })

  it('decodes the variable parts', () => {
    expect(find('POST', '/jobs/a%20b/tasks/%2F/plan')).toEqual([
      '/jobs/:id/tasks/:task/plan',
      { id: 'a b', task: '/' },
    ])
  })

  it.each([
    ['PUT', '/jobs/a'],
    ['GET', '/jobs'],
    ['GET', '/jobs/a/b'],
    ['GET', '/jobs/%E0%A4%A'],
  ])('finds nothing for %s %s', (method, path) => {
    expect(find(method, path)).toBeUndefined()
  })
})
