import { describe, expect, it } from 'vitest'
import { audioSpecificConfig } from '../../media/adts.ts'
import { parseAudioSpecificConfig } from '../../media/audio-specific-config.ts'
import { aacFrameBody, aacSequenceHeaderBody, parseFlvAudio } from '../../media/flv-audio.ts'

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex')

describe('FLV audio bodies', () => {
  it('of our own AAC come back as they were', () => {
    const config = audioSpecificConfig(2)
    expect(aacSequenceHeaderBody(config)).toEqual(hex('af 00 11 90'))
    expect(parseFlvAudio(aacSequenceHeaderBody(config))).toEqual({
      kind: 'aac-config',
      bytes: config,
      config: {
        objectType: 2,
        sampleRate: 48_000,
        channels: 2,
        frameSamples: 1024,
        sbr: false,
        parametricStereo: false,
      },
    })
    const unit = hex('21 10 04 60 8c 1c')
    expect(aacFrameBody(unit)).toEqual(hex('af 01 21 10 04 60 8c 1c'))
    expect(parseFlvAudio(aacFrameBody(unit))).toEqual({ kind: 'aac-frame', unit })
  })

  it('of other codecs are named', () => {
    expect(parseFlvAudio(hex('2f fffb 9064'))).toEqual({ kind: 'mp3', frame: hex('fffb9064') })
    expect(parseFlvAudio(hex('b2 00'))).toEqual({ kind: 'other', codec: 'Speex' })
    expect(parseFlvAudio(hex('90 4f707573'))).toEqual({ kind: 'other', codec: 'enhanced RTMP Opus' })
  })

  it('that are cut off or make no sense are invalid, each for its own reason', () => {
    const reasons = ['', '2f', 'af', 'af 01', 'af 07 00', 'af 00 00', 'af 00 17 90'].map((body) => {
      const parsed = parseFlvAudio(hex(body))
      return parsed.kind === 'invalid' ? parsed.reason : parsed.kind
    })
    expect(reasons).toEqual([
      'empty audio message',
      'empty MP3 frame',
      'empty AAC message',
      'empty AAC message',
      'AAC packet type 7',
      'AAC configuration that makes no sense',
      'AAC configuration that makes no sense',
    ])
  })
})

describe('AudioSpecificConfig', () => {
  it('of HE-AAC says so, in both ways of signalling, and v2 too', () => {
    // Object type 5 first: 24 kHz core, stereo, 48 kHz extension, core AAC-LC.
    expect(parseAudioSpecificConfig(hex('2b 11 88 00'))).toMatchObject({
      objectType: 2,
      sampleRate: 24_000,
      channels: 2,
      sbr: true,
      parametricStereo: false,
    })
    // AAC-LC first, the extension behind it.
    expect(parseAudioSpecificConfig(hex('13 10 56 e5 98'))).toMatchObject({
      objectType: 2,
      sampleRate: 24_000,
      channels: 2,
      sbr: true,
      parametricStereo: false,
    })
    expect(parseAudioSpecificConfig(hex('13 08 56 e5 9d 48 80'))).toMatchObject({
      channels: 1,
      sbr: true,
      parametricStereo: true,
    })
    expect(parseAudioSpecificConfig(hex('eb 09 88 00'))).toMatchObject({
      objectType: 2,
      channels: 1,
      sbr: true,
      parametricStereo: true,
    })
  })

  it('reads explicit rates, 960-sample frames and seven-point-one', () => {
    expect(parseAudioSpecificConfig(hex('17 80 5d c0 10'))).toMatchObject({ sampleRate: 48_000, channels: 2 })
    expect(parseAudioSpecificConfig(hex('11 94'))).toMatchObject({ frameSamples: 960 })
    expect(parseAudioSpecificConfig(hex('11 b8'))).toMatchObject({ channels: 8 })
  })
})
