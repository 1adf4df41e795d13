import type { World } from './parts/world.ts'

/** One line of what is measured. It prints its own tables; everything that it starts belongs to its world, and ends with it. */
export type Bench = {
  name: string
  /** What is compared, in a sentence. */
  about: string
  run(world: World): Promise<void>
}
