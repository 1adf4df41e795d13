/** `npm start`: installs what is missing, builds, and puts a complete station on air. */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './build.mjs'
import { requirePrograms, TO_RUN } from './requirements.mjs'

requirePrograms(TO_RUN)
prepare()
await import(pathToFileURL(join(root, 'dist', 'launcher', 'main.js')).href)
