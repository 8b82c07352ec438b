/**
 * Step 4: the proxies: the command to start one on each node, and where their control API answers.
 * Used by the wizard. Invariant: a plan without proxies can be made, and says what it lacks then.
 * Spec: ui 5.6 (wizard); live-migration 5 (phase 1).
 */
import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { toClipboard } from '../parts/clipboard.ts'
import type { StepProps } from './migration-new-page.tsx'
import { listOf, PREFIX, proxyCommand } from './wizard-model.ts'

export function WizardPlan({ state, errors, onChange }: StepProps) {
  const { data = [] } = useQuery(connectionsQuery)
  const sideOf = (text: string) => {
    const found = data.find(one => `${PREFIX}${one.id}` === text)
    if (found === undefined) return { point: listOf(text)[0] ?? '', tls: false }
    const { server, port, useSsl } = found.properties
    return { point: `${listOf(String(server))[0] ?? ''}:${port}`, tls: useSsl === true }
  }
  const command = proxyCommand(sideOf(state.source), sideOf(state.target))
  return (
    <div className="sc-card sc-card-body sc-form sc-stack">
      <p className="sc-lead">
        Start a proxy beside each node of the source, three or more in all, and point the clients at
        them by a rolling restart. A login of the clusters is given to the proxy by its own options.
      </p>
      <pre className="sc-trace" data-testid="proxy-command">
        {command}
      </pre>
      <div>
        <Button onClick={() => void toClipboard(command)}>Copy command</Button>
      </div>
      <Textarea
        label="Proxies"
        description="Addresses of their metrics ports, one per line. They can be named later, too."
        placeholder="http://10.0.0.1:28083"
        value={state.proxies}
        onChange={event => onChange({ ...state, proxies: event.currentTarget.value })}
        error={errors['field-proxies']}
        autosize
        minRows={3}
        data-testid="field-proxies"
      />
    </div>
  )
}
