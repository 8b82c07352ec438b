/**
 * The records of the benchmark and the table they go to: JSON of about 180 bytes, seven columns.
 * Used by the filler, by every client and by the check of the result.
 * Invariant: record `i` is the same in every run; every id is a row of its own.
 */
export const KEYSPACE = 'bench'
export const COLUMNS = ['id', 'name', 'at', 'amount', 'quantity', 'active', 'note'] as const

const NOTES = [
  'delivered to the door, signed for by a neighbour',
  'waiting for the second parcel of this order',
  'returned by the customer, refund on its way',
  'paid by invoice, due at the end of the month',
]

export function recordValue(i: number): string {
  return JSON.stringify({
    id: i,
    name: `customer-${(i * 7919) % 1_000_003}`,
    at: new Date(1_750_000_000_000 + i * 37).toISOString(),
    amount: Math.round(((i * 104_729) % 9_999_991) / 10) / 100,
    quantity: 1 + (i % 40),
    active: i % 3 !== 0,
    note: NOTES[i % NOTES.length],
  })
}

export function createTable(name: string): string {
  return (
    `CREATE TABLE IF NOT EXISTS ${KEYSPACE}.${name} (id bigint PRIMARY KEY, name text, ` +
    'at timestamp, amount double, quantity int, active boolean, note text)'
  )
}

/** The mapping of the connector. */
export function mapping(): string {
  return COLUMNS.map(column => `${column}=value.${column}`).join(', ')
}
