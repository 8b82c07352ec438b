/**
 * From where the server may be called: a list of addresses and networks. Under the users, for administrators.
 * Invariants: a list of the configuration is shown and changed there; the server refuses one that locks
 * whoever sets it out.
 * Spec: backlog-replication 2.17 (IP lists).
 */
import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AddressRulesInfo } from '../../api-v1-access.ts'
import { ApiError } from '../api-client.ts'
import { Panel } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { addressesQuery, putAddresses, useChange } from './settings-queries.ts'

const KEY = addressesQuery.queryKey

export function AddressesCard() {
  const query = useQuery(addressesQuery)
  return (
    <section className="sc-card sc-card-body sc-form" aria-labelledby="addresses-title">
      <h2 id="addresses-title" className="sc-card-title">
        Addresses
      </h2>
      <Panel query={query} what="the addresses">
        {rules =>
          rules.configured ? (
            <Text size="sm" data-testid="addresses-configured">
              The configuration of the server lets in {rules.allowed.join(', ')} and this machine.
            </Text>
          ) : (
            <Form key={rules.allowed.join()} rules={rules} />
          )
        }
      </Panel>
    </section>
  )
}

function Form({ rules }: { readonly rules: AddressRulesInfo }) {
  const [text, setText] = useState(rules.allowed.join('\n'))
  const save = useChange(putAddresses, {
    ...{ key: KEY, failed: 'The addresses were not changed' },
    onDone: ({ allowed }) =>
      toastDone(
        allowed.length === 0 ? 'Calls are taken from anywhere.' : 'The addresses count now.',
      ),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate({ allowed: text.split(/[\s,]+/).filter(one => one !== '') })
  }
  const { own, trustedProxies } = rules
  const isSame = text.trim() === rules.allowed.join('\n')
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Textarea
          label="May call this server"
          description={`Addresses and networks like 10.0.0.0/8, one a line; empty: from anywhere. The machine of the server always may. ${own === null ? '' : `You are at ${own}.`}`}
          value={text}
          onChange={event => setText(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={10}
          error={messageOf(save.error)}
          data-testid="field-addresses"
        />
        {trustedProxies.length > 0 && (
          <Text size="sm">Trusted proxies: {trustedProxies.join(', ')}</Text>
        )}
        <Group justify="flex-end">
          <Button
            type="submit"
            variant="filled"
            loading={save.isPending}
            disabled={isSame}
            data-testid="addresses-save"
          >
            Save Changes
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function messageOf(error: Error | null) {
  const at = error instanceof ApiError ? error.errors[0]?.message : undefined
  return at === undefined ? undefined : <span data-testid="field-addresses-error">{at}</span>
}
