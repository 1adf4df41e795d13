/** Between the fan-out bench and its targets' process. */
export type SinkRequest = { ask: 'begin'; offsetMs: number } | { ask: 'report' }
export type SinkPorts = { port: number; doorPort: number }
/** Lateness: from a frame's last sample, by the station's clock, to its arrival. */
export type SinkReport = { connections: number; frames: number; p50Ms: number; p99Ms: number; maxMs: number }
