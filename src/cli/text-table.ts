/**
 * Rows as a table for a terminal: columns as wide as their longest cell, a head in capitals.
 * Used by the client commands; machines get JSON instead.
 * Invariant: no cell has a line end, so that one row is one line.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [head, ...rows.map(row => row.map(cell => oneLine(String(cell))))]
  const widths = head.map((_, column) => Math.max(...cells.map(row => (row[column] ?? '').length)))
  const lines = cells.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** The first line, without control characters. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.split('\n', 1)[0]!.replace(/[\u0000-\u001f\u007f]/g, ' ')
}
