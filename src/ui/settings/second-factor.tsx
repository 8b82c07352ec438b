/**
 * The second factor of whoever looks: set up with an app, switched off by a code. In the preferences.
 * Invariants: the secret and the codes for recovery stand on screen only until their dialog is closed;
 * nothing counts before a first code was right.
 * Spec: backlog-replication 2.17; ui 5.2.
 */
import { Button, Group, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { FactorState } from '../../api-v1-access.ts'
import { toAgo } from '../parts/format.ts'
import { FactorOffDialog, FactorOnDialog } from './factor-dialog.tsx'
import { accountQuery } from './settings-queries.ts'

export function SecondFactor() {
  const client = useQueryClient()
  const { data } = useQuery(accountQuery)
  const [asked, setAsked] = useState<'on' | 'off'>()
  const close = () => {
    setAsked(undefined)
    void client.invalidateQueries(accountQuery)
  }
  if (data === undefined || data.factor === null) return undefined
  const { on } = data.factor
  return (
    <section
      className="sc-card sc-card-body sc-form"
      aria-labelledby="factor-title"
      data-testid="second-factor"
      data-state={on ? 'on' : 'off'}
    >
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <h2 id="factor-title" className="sc-card-title">
            Second factor
          </h2>
          <Text size="sm">{textOf(data.factor)}</Text>
        </div>
        {on ? (
          <Button onClick={() => setAsked('off')} data-testid="factor-off">
            Switch off
          </Button>
        ) : (
          <Button variant="filled" onClick={() => setAsked('on')} data-testid="factor-on">
            Set up
          </Button>
        )}
      </Group>
      {asked === 'on' && <FactorOnDialog onClose={close} />}
      {asked === 'off' && <FactorOffDialog onClose={close} />}
    </section>
  )
}

function textOf({ on, since, recoveryLeft }: FactorState): string {
  if (!on) return 'Off. With it, signing in asks for a code of an app on your phone as well.'
  const left = `${recoveryLeft} ${recoveryLeft === 1 ? 'code' : 'codes'} for recovery left`
  return `On since ${toAgo(since)}; ${left}. Programs sign in with API tokens.`
}
