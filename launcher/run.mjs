/** Runs one of the built programs, building it first where needed: `node launcher/run.mjs agents/slicer/main.js --flags`. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './build.mjs'

const [program, ...flags] = process.argv.slice(2)
prepare()
const path = join(root, 'dist', program)
process.argv = [process.argv[0], path, ...flags]
await import(pathToFileURL(path).href)
