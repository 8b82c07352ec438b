/**
 * The format of the replaced connector: key = primary key, value = the other columns, three headers;
 * a deletion is a null value.
 * Spec: cdc-replication 3.3.
 */
import { Struct } from '../../../flow/index.ts'
import type { ChangeEvent } from './change-event.ts'
import type { NumberForms } from './connect-types.ts'
import type { EventData, EventFormat } from './event-format.ts'
import { headersOf } from './event-headers.ts'
import { keyStruct, PerDefinition, tableSchemas, valueStruct } from './table-schemas.ts'

export class DefaultFormat implements EventFormat {
  readonly #schemas: PerDefinition<ReturnType<typeof tableSchemas>>
  readonly #tombstones: boolean

  constructor({ forms, tombstones }: { forms: NumberForms; tombstones: boolean }) {
    this.#tombstones = tombstones
    this.#schemas = new PerDefinition(({ table, definitionNumber }) => {
      const name = `${table.keyspace}.${table.name}`
      const version = definitionNumber
      return tableSchemas(table, forms, {
        keyName: `${name}.Key`,
        valueName: `${name}.Value`,
        version,
      })
    })
  }

  toRecords(event: ChangeEvent): EventData[] {
    const schemas = this.#schemas.of(event)
    const key = { keySchema: schemas.key, key: keyStruct(schemas, event) }
    const headers = headersOf(event)
    if (event.operation === 'DELETE' && this.#tombstones) {
      return [{ ...key, valueSchema: null, value: null, headers }]
    }
    const value =
      event.operation === 'DELETE'
        ? new Struct(schemas.value, new Array(schemas.columns.length).fill(null))
        : valueStruct(schemas, event)
    return [{ ...key, valueSchema: schemas.value, value, headers }]
  }
}
