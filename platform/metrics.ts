import { Counter, Gauge, Registry } from 'prom-client'

/** A number of one of several things of a kind: those of the same labels are added up. */
export type Labelled = { labels: Record<string, string>; value: number }
/** A program's own numbers. Each is read when it is asked for, so that nothing is counted twice. */
export type Metrics = ReturnType<typeof createMetrics>

/**
 * A program's own registry for `GET /metrics`, with what every program has: memory, CPU time, uptime. prom-client's default collectors
 * would keep timers and histograms of their own running.
 */
export function createMetrics(program: string) {
  const registry = new Registry()
  registry.setDefaultLabels({ program })
  const registers = [registry]
  const metrics = {
    contentType: registry.contentType,
    text: (): Promise<string> => registry.metrics(),
    gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
    /** What only grows: its name ends with `_total`. */
    counter(name: string, help: string, read: () => number): void {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    gauges(name: string, help: string, labelNames: string[], read: () => Labelled[]): void {
      new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          for (const { labels, value } of read()) this.inc(labels, value)
        },
      })
    },
    counters(name: string, help: string, labelNames: string[], read: () => Labelled[]): void {
      new Counter({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset()
          for (const { labels, value } of read()) this.inc(labels, value)
        },
      })
    },
  }
  metrics.gauge('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss())
  metrics.counter('process_cpu_seconds_total', 'CPU time used, user and system', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('process_uptime_seconds', 'Since the program started', () => process.uptime())
  return metrics
}
