/**
 * The command of a proxy, and the addresses of those that run, to be changed. Used by the proxy panel
 * in phase 1. Invariant: what is typed counts only after Save Changes.
 * Spec: ui 5.6; live-migration 5 (phase 1).
 */
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { MigrationInfo } from '../../api-v1-migrations.ts'
import { useChange } from './migration-queries.ts'
import { listOf, proxyCommand } from './wizard-model.ts'

export function ProxyAddresses({ info }: { readonly info: MigrationInfo }) {
  const saved = info.proxies.join('\n')
  const [draft, setDraft] = useState<string | undefined>()
  const change = useChange(info.name)
  const text = draft ?? saved
  const proxies = listOf(text)
  const save = () =>
    change.mutate({ do: 'proxies', proxies }, { onSuccess: () => setDraft(undefined) })
  return (
    <details className="sc-card sc-card-body" open={info.proxies.length === 0}>
      <summary data-testid="proxy-addresses">Proxies of this migration</summary>
      <div className="sc-stack">
        <pre className="sc-trace" data-testid="proxy-command">
          {proxyCommand(
            { point: info.source[0] ?? '', tls: info.tls.source },
            { point: info.target[0] ?? '', tls: info.tls.target },
          )}
        </pre>
        <Textarea
          label="Addresses of their metrics ports, one per line"
          value={text}
          onChange={event => setDraft(event.currentTarget.value)}
          autosize
          minRows={2}
          data-testid="field-proxies"
        />
        <div>
          <Button
            disabled={proxies.join('\n') === saved}
            loading={change.isPending}
            onClick={save}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
        </div>
      </div>
    </details>
  )
}
