/**
 * What the pages of help read: codes of errors with what to do.
 * Invariant: the server tells what it declares; nothing is written here a second time.
 * Spec: ui 4.2, 6.
 */
import { queryOptions } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type { ErrorHelp } from '../../api-v1-help.ts'
import { call } from '../api-client.ts'

export const errorsQuery = queryOptions({
  queryKey: ['help', 'errors'],
  queryFn: async () => (await call<List<ErrorHelp>>('GET', '/api/v1/help/errors')).items,
  staleTime: Number.POSITIVE_INFINITY,
})
