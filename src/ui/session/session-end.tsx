/**
 * Keeps a session while somebody is at the page, and warns two minutes before it ends.
 * Used by the frame where somebody signed in.
 * Invariant: what the page asks by itself keeps nothing alive; only keys and pointers do.
 * Spec: ui 4.9 (session end); backlog-replication 2.17.
 */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { sessionQuery } from '../parts/session.ts'
import { useStay } from './session-acts.ts'

const WARN_MS = 2 * 60_000
const TELL_MS = 60_000
const LOOK_MS = 5_000

export function SessionEnd({ endsAt }: { readonly endsAt: string }) {
  const client = useQueryClient()
  const { mutate, isPending } = useStay()
  const [leftMs, setLeftMs] = useState(() => Date.parse(endsAt) - Date.now())
  const isWarned = leftMs <= WARN_MS
  useActivity(() => !isWarned && mutate())
  useEffect(() => {
    const look = () => {
      const left = Date.parse(endsAt) - Date.now()
      setLeftMs(left)
      if (left <= 0) void client.invalidateQueries(sessionQuery)
    }
    look()
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [endsAt, client])
  return (
    <Modal
      opened={isWarned}
      onClose={() => mutate()}
      title="Are you still there?"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-session-end"
    >
      <Stack gap="xl">
        <Text>
          You will be signed out in about 2 minutes. What you have not saved is lost then.
        </Text>
        <Group justify="flex-end">
          <Button
            variant="filled"
            loading={isPending}
            onClick={() => mutate()}
            data-autofocus
            data-testid="session-stay"
          >
            Stay signed in
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

/** At most once a minute. */
function useActivity(onActive: () => void): void {
  const latest = useRef(onActive)
  latest.current = onActive
  useEffect(() => {
    let toldMs = performance.now()
    const on = () => {
      if (performance.now() - toldMs < TELL_MS) return
      toldMs = performance.now()
      latest.current()
    }
    const events = ['keydown', 'pointerdown', 'pointermove'] as const
    for (const event of events) addEventListener(event, on, { passive: true })
    return () => {
      for (const event of events) removeEventListener(event, on)
    }
  }, [])
}
