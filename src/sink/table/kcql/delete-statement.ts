/**
 * The user's delete statement of the classic KCQL sink, made to carry the write time of the sink's
 * own clock: inserts and deletes of one key then keep the order of their records.
 * Pure text. A statement that is no plain DELETE, or has a time of its own, stays as it is; its rows
 * are then sent one after the other. Spec: cassandra-sink 10.5.
 */

const NAME = '(?:"(?:[^"]|"")+"|\\w+)'
const DELETE = new RegExp(
  `^(\\s*delete\\b[\\s\\S]*?\\bfrom\\s+${NAME}(?:\\s*\\.\\s*${NAME})?)(\\s+where\\b[\\s\\S]*)$`,
  'i',
)

/** Undefined when the statement cannot take a time; else its first variable is the time. */
export function withWriteTime(statement: string): string | undefined {
  const match = DELETE.exec(statement.replace(/;\s*$/, ''))
  return match === null ? undefined : `${match[1]} USING TIMESTAMP ?${match[2]}`
}
