import { mkdirSync } from 'node:fs'
import { lockFolder } from '../../platform/folder-lock.ts'
import { runAgent } from '../shared/run-agent.ts'
import { startArchive, usualPace } from './archive.ts'
import { readFlags } from './flags.ts'

await runAgent('archive', async (surroundings) => {
  const { dataFolder, ...flags } = readFlags(process.argv.slice(2), process.env)
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  if (!(await lockFolder(dataFolder)))
    throw new Error(`another archive uses ${dataFolder}: give this one its own --data`)
  const archive = await startArchive({ ...flags, ...surroundings, folder: dataFolder, pace: usualPace })
  const { id, port } = archive
  surroundings.log.info({ id, port }, `archive ${id} answers on http://${flags.address}:${port}`)
  return archive
})
