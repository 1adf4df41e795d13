import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { joinNode, type Station, startStation } from '../support/station.ts'

describe("the operator's page", () => {
  let station: Station
  beforeAll(async () => {
    station = await startStation()
  })
  afterAll(() => station.end())
  const page = async (path = '/report'): Promise<string> => (await fetch(station.url + path)).text()

  it('shows what is on air, the ladder, and each node with its state and reason', async () => {
    const slicer = await joinNode(station.url, 'slicer-1')
    slicer.words.reason = 'newest segment is 1 s old'
    await slicer.beat()
    await eventually(page).toMatch(/Song [A-G] · Artist/)
    await eventually(page).toContain('All is well.')
    const whole = await page('/')
    expect(whole).toMatch(/^<!doctype html>/)
    expect(whole).toContain('Test Radio')
    expect(whole).toContain('<span class="mark good">scheduled</span>')
    expect(whole).toContain('slicer-1')
    expect(whole).toContain('<span class="mark good">serving</span>')
    expect(whole).toContain('newest segment is 1 s old')
    expect(whole).not.toMatch(/(src|href)="https?:/)
    slicer.die()
  })

  it('says which part it cannot see, and how old its last word is', async () => {
    await station.playout.stop()
    await eventually(page).toMatch(/On air, as last heard \d+ s ago/)
    expect(await page()).toContain('Playout can&#39;t be reached')
    await station.redis.kill()
    await eventually(page).toContain('Nodes and rundown go on from memory and disk')
    await station.playout.start()
    await eventually(page).not.toContain('Playout can&#39;t be reached')
  })

  it('raises an alarm while only the emergency file, or the bed, is on air', async () => {
    station.playout.ladder.rung = 'emergency'
    await eventually(page).toContain('The emergency file is on air')
    station.playout.ladder.rung = 'bed'
    await eventually(page).toContain('The generated bed is on air')
    station.playout.ladder.rung = 'scheduled'
    await eventually(page).not.toContain('bed is on air')
  })

  it('shows what a node says as text, never as markup', async () => {
    const slicer = await joinNode(station.url, 'slicer-2')
    slicer.words.reason = '<script>alert("1")</script>'
    await slicer.beat()
    const report = await page()
    expect(report).not.toContain('<script>')
    expect(report).toContain('&#60;script&#62;')
    slicer.die()
  })
})
