/**
 * Lets the worker check a draft 400 ms after its last change. Used by the form.
 * Invariant: only the answer to the newest draft is shown; the answer before stays until then, so
 * that nothing jumps.
 * Spec: ui 5.4 (validation).
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { type Config, validate } from './connector-queries.ts'

const WAIT_MS = 400

export function useValidation(config: Config) {
  const [settled, setSettled] = useState(config)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(config), WAIT_MS)
    return () => clearTimeout(timer)
  }, [config])
  const query = useQuery({
    queryKey: ['validate', settled],
    queryFn: () => validate(settled),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
  const isFresh = settled === config && !query.isFetching && query.isSuccess
  return { query, isFresh }
}
