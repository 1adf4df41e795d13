import { runAgent } from '../shared/run-agent.ts'
import { readFlags } from './flags.ts'
import { startSlicer } from './slicer.ts'

await runAgent('slicer', async (surroundings) => {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  const slicer = await startSlicer({ ...flags, ...surroundings, folder: dataFolder })
  const { id, httpPort, rtmpPort } = slicer
  surroundings.log.info(
    { id, httpPort, rtmpPort },
    `slicer ${id} answers on http://${flags.address}:${httpPort} and takes the push on rtmp://${flags.address}:${rtmpPort}/live`,
  )
  return slicer
})
