import { describe, expect, it } from 'vitest'
import { readFlags } from '../../playout/flags.ts'

describe("playout's command line", () => {
  it('has a default for everything', () => {
    expect(readFlags([])).toEqual({
      stationFile: 'station.yaml',
      dataFolder: 'data/playout',
      musicFolder: null,
      emergencyFile: null,
      host: '127.0.0.1',
      port: 8090,
    })
  })

  it.each(['junk', '0', '65536', '80.5', ''])('refuses the port «%s» with an example of right', (port) => {
    expect(() => readFlags(['--port', port])).toThrow(`--port ${port} is not a port, such as 8090`)
  })

  it('refuses a flag that it does not know', () => {
    expect(() => readFlags(['--prot', '8090'])).toThrow('--prot')
  })
})
