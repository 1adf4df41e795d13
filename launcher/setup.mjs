/** Installs what running and testing need, and builds: what `npm test` does before its tests. */
import { prepare } from './build.mjs'
import { requirePrograms, TO_TEST } from './requirements.mjs'

requirePrograms(TO_TEST)
prepare()
