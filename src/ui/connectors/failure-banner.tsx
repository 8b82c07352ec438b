/**
 * A failure at the top of a tab, with its trace. Used by the tabs Overview and Tasks.
 * Invariant: nothing is shown as failed without its trace.
 * Spec: ui 5.4 (tasks tab).
 */
import { IconXboxXFilled } from '@tabler/icons-react'
import { LinkButton } from '../parts/link-button.tsx'
import { TraceBox } from './trace-box.tsx'

interface FailureBannerProps {
  /** Of the connector. */
  readonly name: string
  readonly title: string
  readonly trace: string
}

export function FailureBanner({ name, title, trace }: FailureBannerProps) {
  return (
    <div className="sc-banner" data-role="error" data-testid="failure">
      <IconXboxXFilled size={16} aria-hidden />
      <div className="sc-grow">
        <p>
          <strong>{title}</strong>
        </p>
        <TraceBox trace={trace} />
      </div>
      <LinkButton
        to="/connectors/$name/$tab"
        params={{ name, tab: 'config' }}
        data-testid="failure-config"
      >
        Open Config
      </LinkButton>
    </div>
  )
}
