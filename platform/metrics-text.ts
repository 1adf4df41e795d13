/** One of several things of a kind; a number that stands alone has no labels. */
export type Sample = { labels?: Record<string, string>; value: number }
export type TextMetric = { name: string; type: 'gauge' | 'counter'; help: string; samples: readonly Sample[] }

export const metric = (
  name: string,
  type: TextMetric['type'],
  help: string,
  samples: readonly Sample[] | number,
): TextMetric => ({ name, type, help, samples: typeof samples === 'number' ? [{ value: samples }] : samples })

/**
 * `GET /metrics` in the Prometheus text format, with what every program has, for a program that is to stay small: a client library would
 * cost it more memory than its work. Names and label values are our own, and need no escaping.
 */
export function metricsText(program: string, metrics: readonly TextMetric[]): string {
  const { user, system } = process.cpuUsage()
  const ofProcess = [
    metric('process_resident_memory_bytes', 'gauge', 'Resident memory', process.memoryUsage.rss()),
    metric('process_cpu_seconds_total', 'counter', 'CPU time used, user and system', (user + system) / 1e6),
    metric('process_uptime_seconds', 'gauge', 'Since the program started', process.uptime()),
  ]
  return [...metrics, ...ofProcess].map((one) => textOf(program, one)).join('')
}

function textOf(program: string, { name, type, help, samples }: TextMetric): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const inner = Object.entries({ ...labels, program }).map(([label, text]) => `${label}="${text}"`)
    return `${name}{${inner.join(',')}} ${value}`
  })
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}
