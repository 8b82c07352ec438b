/**
 * Says that bad records would go without a trace, and offers the keys that keep them. Used by the Config
 * tab and the review. Invariant: the keys go into the draft; nothing is saved by it.
 * Spec: ui 5.4 (config tab).
 */
import { Button } from '@mantine/core'
import { IconAlertTriangleFilled } from '@tabler/icons-react'
import { dropsSilently, withDeadLetters } from './config-hints.ts'
import type { Config } from './connector-queries.ts'

interface DeadLetterHintProps {
  readonly name: string
  readonly draft: Config
  readonly onChange: (draft: Config) => void
}

export function DeadLetterHint({ name, draft, onChange }: DeadLetterHintProps) {
  if (!dropsSilently(draft)) return undefined
  return (
    <div className="sc-banner" data-role="warn" data-testid="config-hint" data-key="dead-letters">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <p className="sc-grow">
        <span className="sc-mono">errors.tolerance=all</span> without a dead-letter topic drops bad
        records silently.
      </p>
      <Button onClick={() => onChange(withDeadLetters(name, draft))} data-testid="dead-letters-add">
        Add dead letters
      </Button>
    </div>
  )
}
