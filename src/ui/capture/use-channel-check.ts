/**
 * Lets the server look at a channel that is being filled in, 400 ms after the last change of what it is
 * made of. Used by the form.
 * Invariant: only the answer to the newest draft counts; the one before stays until then.
 * Spec: ui 5.4 (validation), 5.5.
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { checkChannel } from './capture-queries.ts'
import type { ChannelForm } from './channel-form.ts'

const WAIT_MS = 400

export function useChannelCheck(form: ChannelForm) {
  const { dataCenterId, sourceKeyspace, sourceTable, destination } = form
  const key = JSON.stringify({ dataCenterId, sourceKeyspace, sourceTable, destination })
  const [settled, setSettled] = useState(key)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(key), WAIT_MS)
    return () => clearTimeout(timer)
  }, [key])
  return useQuery({
    queryKey: ['capture-check', settled],
    queryFn: () => checkChannel(JSON.parse(settled)),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

export type ChannelCheckQuery = ReturnType<typeof useChannelCheck>
