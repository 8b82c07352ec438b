/**
 * The routes of changes of the source's schema: what runs found, and what a person decides about it.
 * Decisions are written to the audit trail.
 * Shapes: src/api-v1-tasks.ts. Spec: backlog-replication 2.11, 2.16.
 */
import type { SchemaApproval } from '../../api-v1.ts'
import type { Replicator } from '../../replicate/index.ts'
import { type Call, json } from '../route.ts'
import { audit, body, id, items, type Row } from './v1-calls.ts'

export function schemaRows(replicator: Replicator): Row[] {
  const change = ({ params }: Call) => params['change'] ?? ''
  const nameOf = (call: Call) => replicator.job(id(call)).name
  return [
    [
      'GET /jobs/:id/schema-changes',
      'Changes of the schema of the source that runs found, newest first.',
      call => items(replicator.schema.changes(replicator.job(id(call)).id)),
      { gives: 'SchemaChange[]' },
    ],
    [
      'POST /jobs/:id/schema-changes/:change/approve',
      'Takes a change up: the next run writes it.',
      async call => {
        const given = body<SchemaApproval>(call)
        const done = await replicator.schema.approve(id(call), change(call), given)
        audit(replicator, call, ['schema change approved', nameOf(call), done.text])
        return json(200, done)
      },
      { takes: 'SchemaApproval', gives: 'SchemaChange' },
    ],
    [
      'POST /jobs/:id/schema-changes/:change/ignore',
      'Leaves a change out.',
      call => {
        const done = replicator.schema.ignore(id(call), change(call))
        audit(replicator, call, ['schema change ignored', nameOf(call), done.text])
        return json(200, done)
      },
      { gives: 'SchemaChange' },
    ],
  ]
}
