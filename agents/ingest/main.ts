import { runAgent } from '../shared/run-agent.ts'
import { readFlags } from './flags.ts'
import { startIngest } from './ingest.ts'

await runAgent('ingest', async (surroundings) => {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  const ingest = await startIngest({ ...flags, ...surroundings, folder: dataFolder })
  const { id, httpPort, waysIn } = ingest
  surroundings.log.info(
    { id, httpPort, waysIn },
    `ingest ${id} answers on http://${flags.address}:${httpPort} and takes senders`,
  )
  return ingest
})
