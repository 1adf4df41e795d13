export type Row = Readonly<Record<string, string | number>>

/** Prints rows under their column names; what is a number, or begins with one, stands at the right. */
export function printTable(rows: readonly Row[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')))
  const widths = columns.map((column, index) => Math.max(column.length, ...cells.map((row) => row[index]!.length)))
  const isNumeric = columns.map((_, index) => cells.every((row) => /^([<>+~−-]?\d|$)/.test(row[index]!)))
  const line = (row: readonly string[]): string =>
    row
      .map((cell, index) => (isNumeric[index] ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!)))
      .join('  ')
  console.log(`   ${line(columns)}`)
  for (const row of cells) console.log(`   ${line(row)}`)
}

export function quantileOf(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN
}
