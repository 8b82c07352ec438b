/**
 * The routes of named secrets: listed by name, added, replaced, deleted by administrators.
 * Invariants: no answer, no entry of the audit trail and no log holds a value; one that is in use stays.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17; ui 5.7 (Secrets).
 */
import type { SecretDraft, SecretUse } from '../../api-v1-access.ts'
import type { FindUses, Replicator } from '../../replicate/index.ts'
import { empty, json } from '../route.ts'
import { audit, body, id, items, type Row, userOf } from './v1-calls.ts'

export function secretRows(
  replicator: Replicator,
  connectorsHolding: (text: string) => readonly string[] = () => [],
): Row[] {
  const { secrets } = replicator
  const inConnectors: FindUses = reference =>
    connectorsHolding(reference).map((name): SecretUse => ({ kind: 'connector', id: name, name }))
  return [
    [
      'GET /secrets',
      'Named secrets, without their values, and what refers to them.',
      () => items(secrets.list(inConnectors)),
      { gives: 'SecretInfo[]' },
    ],
    [
      'POST /secrets',
      'Adds a named secret, sealed; its value is never told again.',
      call => {
        const made = secrets.add(body<SecretDraft>(call), userOf(call))
        audit(replicator, call, ['secret added', made.name])
        return json(201, made)
      },
      { takes: 'SecretDraft', gives: 'SecretInfo', status: 201 },
    ],
    [
      'PUT /secrets/:id',
      'Replaces the value of a named secret.',
      call => {
        const { value } = body<SecretDraft>(call)
        secrets.replace(id(call), value, userOf(call))
        audit(replicator, call, ['secret replaced', id(call)])
        return json(
          200,
          secrets.list(inConnectors).find(one => one.name === id(call)),
        )
      },
      {
        takes: { type: 'object', properties: { value: { type: 'string' } }, required: ['value'] },
        gives: 'SecretInfo',
      },
    ],
    [
      'DELETE /secrets/:id',
      'Deletes a named secret that nothing refers to.',
      call => {
        secrets.delete(id(call), inConnectors)
        audit(replicator, call, ['secret deleted', id(call)])
        return empty(204)
      },
      { status: 204 },
    ],
  ]
}
