import type { Bench } from './bench.ts'
import { crossfadeRows } from './parts/crossfade.ts'
import { encoderSpliceRows } from './parts/encoder-splice.ts'
import { printTable } from './parts/table.ts'

export const splice: Bench = {
  name: 'splice',
  about: 'an encoder killed in the middle, and a crossfade rendered in two halves, against unbroken renders',
  async run(world) {
    printTable(await encoderSpliceRows())
    console.log('')
    printTable(await crossfadeRows(world.folder))
  },
}
