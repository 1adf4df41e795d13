import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../platform/metrics.ts'
import { metric, metricsText } from '../../platform/metrics-text.ts'

const HELP = 'Things taken'
const kinds = [
  { labels: { kind: 'a' }, value: 2 },
  { labels: { kind: 'b' }, value: 3 },
]
/** Without the numbers of the process, which are other ones each time. */
const ownLines = (text: string): string[] =>
  text.split('\n').filter((line) => line !== '' && !line.includes('process_'))

describe('the numbers of a program', () => {
  it('are read when they are asked for, and a counter is not counted twice', async () => {
    const metrics = createMetrics('test')
    let taken = 3
    metrics.counter('airtight_test_taken_total', HELP, () => taken)
    metrics.gauge('airtight_test_level', 'A level', () => -taken)
    for (taken of [3, 5]) {
      const text = await metrics.text()
      expect(text).toContain(`airtight_test_taken_total{program="test"} ${taken}\n`)
      expect(text).toContain(`airtight_test_level{program="test"} ${-taken}\n`)
    }
    expect(await metrics.text()).toMatch(/^process_uptime_seconds\{program="test"\} \d/m)
  })

  it('of a thing that is no more are gone, those of the same labels are added up', async () => {
    const metrics = createMetrics('test')
    let nodes = ['serving', 'serving', 'left']
    metrics.gauges('airtight_test_nodes', 'Nodes', ['state'], () =>
      nodes.map((state) => ({ labels: { state }, value: 1 })),
    )
    expect(await metrics.text()).toContain('airtight_test_nodes{state="serving",program="test"} 2')
    nodes = ['left']
    expect(await metrics.text()).not.toContain('serving')
  })

  it('are told alike by the programs that are too small for a library', async () => {
    const metrics = createMetrics('test')
    metrics.counters('airtight_test_taken_total', HELP, ['kind'], () => kinds)
    metrics.gauge('airtight_test_level', 'A level', () => -7.5)
    const written = metricsText('test', [
      metric('airtight_test_taken_total', 'counter', HELP, kinds),
      metric('airtight_test_level', 'gauge', 'A level', -7.5),
    ])
    expect(ownLines(written).sort()).toEqual(ownLines(await metrics.text()).sort())
    expect(written).toMatch(/^process_resident_memory_bytes\{program="test"\} \d{7,}$/m)
  })
})
