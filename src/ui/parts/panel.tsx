/**
 * What a part of a page shows while it loads, when it has nothing, and when it failed. Used around
 * every query of every screen, so that one part that fails never takes the page with it.
 * Invariant: values that were loaded once stay on screen when a later load fails, and say so.
 * Spec: ui 4.2.
 */
import { Button, Group, Skeleton, Stack } from '@mantine/core'
import { IconAlertTriangleFilled, IconXboxXFilled } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api-client.ts'
import { toClipboard } from './clipboard.ts'
import { intlZone } from './zone.ts'

interface PanelProps<T> {
  readonly query: UseQueryResult<T, Error>
  /** What is being loaded, for messages: "the connectors". */
  readonly what: string
  readonly children: (data: T) => ReactNode
}

export function Panel<T>({ query, what, children }: PanelProps<T>) {
  const retry = () => void query.refetch()
  if (query.data !== undefined) {
    return (
      <Stack gap="lg">
        {query.isError && <Stale error={query.error} asOf={query.dataUpdatedAt} />}
        {children(query.data)}
      </Stack>
    )
  }
  if (query.isError) return <PanelError error={query.error} what={what} onRetry={retry} />
  return <Loading what={what} />
}

/** Nothing at first, so that a quick answer does not flicker. */
function Loading({ what }: { readonly what: string }) {
  const [waitedMs, setWaitedMs] = useState(0)
  useEffect(() => {
    const timers = [150, 5000].map(ms => setTimeout(() => setWaitedMs(ms), ms))
    return () => timers.forEach(clearTimeout)
  }, [])
  if (waitedMs === 0) return <div data-testid="panel-loading" />
  return (
    <Stack gap="sm" data-testid="panel-loading" role="status" aria-label={`Loading ${what}`}>
      {[1, 2, 3].map(line => (
        <Skeleton key={line} height={40} />
      ))}
      {waitedMs >= 5000 && <span className="sc-quiet">Still waiting for {what}.</span>}
    </Stack>
  )
}

interface PanelErrorProps {
  readonly error: Error
  readonly what: string
  /** What happened, where it is not that something could not be loaded. */
  readonly title?: string
  readonly onRetry?: () => void
}

export function PanelError(props: PanelErrorProps) {
  const { error, what, title = `Could not load ${what}.`, onRetry } = props
  const details = JSON.stringify({ what, message: error.message, ...facts(error) }, undefined, 2)
  return (
    <div className="sc-banner" data-role="error" data-testid="panel-error" role="alert">
      <IconXboxXFilled size={16} aria-hidden />
      <Stack gap="sm">
        <p>
          <strong>{title}</strong> {error.message}
        </p>
        <p>
          <span data-testid="panel-advice">{adviceOf(error)}</span> <CodeLink error={error} />
        </p>
        <Group gap="sm">
          {onRetry !== undefined && (
            <Button onClick={onRetry} data-testid="panel-retry">
              Try again
            </Button>
          )}
          <Button onClick={() => void toClipboard(details)}>Copy details</Button>
        </Group>
      </Stack>
    </div>
  )
}

/** What the code means has a page of its own. */
function CodeLink({ error }: { readonly error: Error }) {
  const code = error instanceof ApiError ? error.code : undefined
  if (code === undefined) return undefined
  return (
    <Link className="sc-link" to="/help/errors/$code" params={{ code }} data-testid="panel-code">
      {code}
    </Link>
  )
}

function Stale({ error, asOf }: { readonly error: Error; readonly asOf: number }) {
  const time = new Date(asOf).toLocaleTimeString('en-GB', intlZone())
  return (
    <div className="sc-banner" data-role="warn" data-testid="panel-stale" role="status">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <p>
        {error.message} What you see is as of {time}; it is loaded again every few seconds.
      </p>
    </div>
  )
}

/** What is there already does not go by waiting. */
const TAKEN = /already exists|exists already/

export function adviceOf(error: Error): string {
  if (!(error instanceof ApiError)) return 'Load the page again.'
  if (error.advice !== undefined) return error.advice
  if (error.status === 0) return 'Check that Scamander is running, then try again.'
  if (error.status === 401) return 'Load the page again and sign in.'
  if (error.status === 404) return 'It may have been deleted or renamed meanwhile.'
  if (error.status === 409 && TAKEN.test(error.message)) return 'Choose another name.'
  if (error.status === 409) return 'Something changed meanwhile. Wait a moment and try again.'
  if (error.status >= 500) return 'The log of the server tells more. Try again in a moment.'
  return 'Correct what the message names and try again.'
}

function facts(error: Error): object {
  return error instanceof ApiError ? { status: error.status, code: error.code } : {}
}

interface EmptyProps {
  readonly text: string
  readonly children?: ReactNode
}

export function Empty({ text, children }: EmptyProps) {
  return (
    <div className="sc-empty" data-testid="empty">
      <p>{text}</p>
      {children !== undefined && <Group gap="sm">{children}</Group>}
    </div>
  )
}
