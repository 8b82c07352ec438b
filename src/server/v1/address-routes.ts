/**
 * The routes of the list of addresses that may call: read and set by administrators.
 * Invariants: nobody locks the own address out; what changed counts at once, for streams too; a list of the
 * configuration is changed there.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17 (IP lists).
 */
import type { AddressRulesDraft, AddressRulesInfo } from '../../api-v1-access.ts'
import { AddressList } from '../../base/address-list.ts'
import type { Replicator } from '../../replicate/index.ts'
import { CLIENT_HEADER } from '../address-rules.ts'
import type { Callers } from '../callers.ts'
import { type Call, json } from '../route.ts'
import { problem } from './problem.ts'
import { audit, body, type Row } from './v1-calls.ts'

export function addressRows(replicator: Replicator, callers: Callers): Row[] {
  const shown = (call: Call): AddressRulesInfo => {
    const { allowed, isConfigured: configured, trustedProxies } = callers.addresses
    return { allowed, configured, trustedProxies, own: call.headers[CLIENT_HEADER] ?? null }
  }
  return [
    ['GET /addresses', 'From where the server may be called.', call => json(200, shown(call))],
    [
      'PUT /addresses',
      'Sets from where the server may be called; this machine always may.',
      call => {
        const { addresses: rules } = callers
        if (rules.isConfigured)
          return problem(409, 'the list stands in the configuration of the server: change it there')
        const { addresses } = replicator.users
        const allowed = addresses.checked(body<Partial<AddressRulesDraft>>(call).allowed)
        const own = call.headers[CLIENT_HEADER]
        if (!rules.isAllowed(own, new AddressList(allowed)))
          return problem(
            409,
            `this would lock you out: ${own ?? 'your address'} is not in the list`,
          )
        addresses.put(allowed)
        rules.manage(allowed)
        callers.streams.endAll()
        audit(replicator, call, [
          'addresses changed',
          'server',
          allowed.join(', ') || 'from anywhere',
        ])
        return json(200, shown(call))
      },
    ],
  ]
}
