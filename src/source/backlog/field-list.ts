/**
 * Custom fields of all projects of a space, and the columns of Issues that they are as columns of their
 * own.
 * Used by the replication of custom fields.
 * Invariant: a column is named by the id of its field, which a rename does not change.
 * Spec: backlog-replication 1.9 (Issues, ProjectCustomFields).
 */
import type { BacklogClient, Caller, Json } from '../../backlog/index.ts'
import type { CatalogueColumn } from './catalogue-table.ts'
import { FIELD_TYPES } from './custom-field.ts'
import { CUSTOM } from './read-row.ts'
import { isLeftOut } from './table-reading.ts'

export interface CustomField {
  readonly id: number
  readonly typeId: number
  readonly name: string
}

export interface FieldList {
  readonly fields: readonly CustomField[]
  /** No project was refused: a field that is missing is gone. */
  readonly isWhole: boolean
}

/** One request per project. */
export async function fetchCustomFields(client: BacklogClient, caller: Caller): Promise<FieldList> {
  const projects = await client.get<Json[]>('projects', {}, caller)
  const fields: CustomField[] = []
  let isWhole = true
  for (const { id: project } of projects as { id?: number }[]) {
    try {
      const path = `projects/${project}/customFields`
      for (const one of await client.get<Json[]>(path, {}, caller)) fields.push(toField(one))
    } catch (error) {
      if (!isLeftOut(error)) throw error
      isWhole = false
    }
  }
  return { fields: fields.sort((a, b) => a.id - b.id), isWhole }
}

function toField({ id, typeId, name }: { id?: unknown; typeId?: unknown; name?: unknown }) {
  return { id: Number(id), typeId: Number(typeId), name: String(name) }
}

export function fieldColumn({ id, typeId }: CustomField): CatalogueColumn {
  return {
    name: `cf_${id}`,
    type: FIELD_TYPES[typeId]?.column ?? 'json',
    path: `${CUSTOM}${id}`,
  }
}
