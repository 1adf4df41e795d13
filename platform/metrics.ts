import { Counter, Gauge, Registry } from 'prom-client'

export { Counter, Gauge }

/**
 * A program's own registry for `GET /metrics`, with what every program has: memory, CPU time, uptime. They are read when asked
 * for; prom-client's default collectors would keep timers and histograms of their own running.
 */
export function createMetrics(program: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ program })
  const registers = [registry]
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time used, user and system',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_uptime_seconds',
    help: 'Since the program started',
    registers,
    collect() {
      this.set(process.uptime())
    },
  })
  return registry
}
