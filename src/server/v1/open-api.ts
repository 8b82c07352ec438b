/**
 * The OpenAPI document of `/api/v1`, from its routes: paths, parameters and summaries. Bodies are the
 * shapes of src/api-v1.ts and stand there as any object.
 * Spec: backlog-replication 2.16.
 */
import { PRODUCT_VERSION } from '../../base/product-version.ts'
import type { Route } from '../route.ts'

export function openApi(routes: readonly Route[]): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    const names = [...route.path.matchAll(/:(\w+)/g)].map(one => one[1])
    const parameters = names.map(name => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    }))
    const content = { 'application/json': { schema: { type: 'object' } } }
    const body = route.takesBody === true ? { requestBody: { content } } : {}
    const failed = {
      description: 'Refused',
      content: { 'application/problem+json': { schema: { type: 'object' } } },
    }
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: {
        summary: route.summary,
        parameters,
        ...body,
        responses: { '2XX': { description: 'Done', content }, default: failed },
      },
    }
  }
  return { openapi: '3.1.0', info: { title: 'Scamander', version: PRODUCT_VERSION }, paths }
}
