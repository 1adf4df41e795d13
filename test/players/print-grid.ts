import type { Cell } from './grid.ts'
import type { PathName } from './paths.ts'

/** The table: a row a player, a column a path; below it what is wrong, and what a player itself can't do. */
export function printGrid(cells: readonly Cell[], players: readonly string[], paths: readonly PathName[]): string {
  const short = (player: string, path: PathName): string => {
    const cell = cells.find((one) => one.player === player && one.path === path)
    if (!cell) return ''
    if (cell.result === 'ok') return cell.sentence
    return cell.result === 'cannot' ? '-' : cell.result === 'missing' ? 'not there' : 'WRONG'
  }
  const rows = [['', ...paths], ...players.map((player) => [player, ...paths.map((path) => short(player, path))])]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  const notes = cells
    .filter(({ result, sentence }) => result !== 'ok' && sentence !== '-')
    .map(
      ({ player, path, result, sentence }) =>
        `${result === 'wrong' ? 'WRONG' : 'note'}: ${player}, ${path}: ${sentence}`,
    )
  return [...table, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}
