/**
 * What a code of an error means and what to do; every error that the page shows links here.
 * Route /ui/help/errors/{code}.
 * Invariant: a code that this version does not know says so, and leads to all codes.
 * Spec: ui 2, 4.2 (error).
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { ErrorHelp } from '../../api-v1-help.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { kindOf } from './error-kinds.ts'
import { errorsQuery } from './help-queries.ts'

export function ErrorPage() {
  const { code = '' } = useParams({ strict: false })
  const query = useQuery(errorsQuery)
  return (
    <Page id="error-help" title={code} section="Errors" loading={query.isPending}>
      <Panel query={query} what="what the code means">
        {all => <Found code={code} found={all.find(one => one.code === code)} />}
      </Panel>
    </Page>
  )
}

function Found({ code, found }: { readonly code: string; readonly found: ErrorHelp | undefined }) {
  if (found === undefined) {
    return (
      <div className="sc-card">
        <Empty text={`This server has no error with the code ${code}.`}>
          <LinkButton to="/help/errors" variant="filled">
            All errors
          </LinkButton>
        </Empty>
      </div>
    )
  }
  const { word, effect } = kindOf(found.kind)
  return (
    <Stack gap="lg" className="sc-form">
      <section className="sc-card sc-card-body" data-testid="error-help" data-key={code}>
        <dl className="sc-facts">
          <Fact name="When it happens" text={found.summary} />
          <Fact name="What to do" text={found.advice} testId="error-advice" />
          <Fact name="Kind" text={word} />
          <Fact name="What happens then" text={effect} />
        </dl>
      </section>
      <Group gap="sm">
        <Button onClick={() => history.back()}>Back</Button>
        <LinkButton to="/help/errors">All errors</LinkButton>
        <LinkButton to="/monitoring/$tab" params={{ tab: 'logs' }} search={{}}>
          Open the logs
        </LinkButton>
      </Group>
    </Stack>
  )
}

interface FactProps {
  readonly name: string
  readonly text: string
  readonly testId?: string
}

function Fact({ name, text, testId }: FactProps) {
  return (
    <div className="sc-fact">
      <dt>{name}</dt>
      <dd data-testid={testId}>{text}</dd>
    </div>
  )
}
