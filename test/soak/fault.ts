import type { Scene } from './scene.ts'

/** One harm to one part of a running station. */
export type Fault = {
  name: string
  killsPlayout: boolean
  /** Connections that pass through what it harms end with it. */
  cutsConnections: boolean
  /** Does it, and resolves when the harm is over. Answers what was done, when that is more than the name says. */
  run(scene: Scene): Promise<string>
}

export const fault = (name: string, run: Fault['run'], special: Partial<Fault> = {}): Fault => ({
  name,
  run,
  killsPlayout: false,
  cutsConnections: false,
  ...special,
})
