import { commandLinePlayer } from './command-line-player.ts'
import type { PathName } from './paths.ts'
import type { Player } from './player.ts'

const LOOPS_AT_THE_EDGE = 'reads ahead of a DASH edge and loops on 404'
const noDash = (path: PathName): string | null => (path === 'dash' ? LOOPS_AT_THE_EDGE : null)

const ffmpeg = commandLinePlayer({
  name: 'ffmpeg',
  program: 'ffmpeg',
  cannot: noDash,
  endless: false,
  commandLine: (url, wav, { seconds }) => ({
    command: 'ffmpeg',
    args: ['-nostdin', '-v', 'warning', '-y', '-i', url, '-t', `${seconds}`, '-ar', '48000', '-c:a', 'pcm_s16le', wav],
  }),
})

const mpv = commandLinePlayer({
  name: 'mpv',
  program: 'mpv',
  cannot: noDash,
  endless: false,
  commandLine: (url, wav, { seconds }) => ({
    command: 'mpv',
    args: [
      ...['--no-config', '--no-video', '--no-terminal', '--ao=pcm', `--ao-pcm-file=${wav}`, `--length=${seconds}`],
      ...['--audio-samplerate=48000', '--audio-format=s16', url],
    ],
  }),
})

/**
 * VLC refuses to run as root: then it runs as nobody. Its stream output follows the clock of a live input, but runs ahead of a DASH one and
 * stops at the edge, where nobody who listens ever is: there its audio output writes the file, at the pace of sound.
 */
const vlc = commandLinePlayer({
  name: 'VLC',
  program: 'vlc',
  endless: true,
  commandLine: (url, wav) => {
    const chain = `#transcode{vcodec=none,acodec=s16l,channels=2,samplerate=48000}:std{access=file,mux=wav,dst=${wav}}`
    const output = url.endsWith('.mpd')
      ? ['--aout=afile', '--audiofile-format=s16', '--audiofile-channels=2', `--audiofile-file=${wav}`]
      : ['--sout', chain, '--no-sout-all', '--sout-keep']
    const play = ['vlc', '-I', 'dummy', '--no-media-library', ...output, url]
    if (process.getuid?.() !== 0) return { command: 'vlc', args: play.slice(1) }
    return { command: 'setpriv', args: ['--reuid=65534', '--regid=65534', '--clear-groups', '--', ...play] }
  },
})

const gstreamer = (name: string, element: string): Player =>
  commandLinePlayer({
    name,
    program: 'gst-launch-1.0',
    endless: true,
    commandLine: (url, wav) => ({
      command: 'gst-launch-1.0',
      args: [
        ...['-e', element, `uri=${url}`, '!', 'audioconvert', '!', 'audioresample', '!'],
        ...['audio/x-raw,format=S16LE,rate=48000,channels=2', '!', 'wavenc', '!', 'filesink', `location=${wav}`],
      ],
    }),
  })

export const commandLinePlayers: Player[] = [
  ffmpeg,
  mpv,
  vlc,
  gstreamer('GStreamer', 'uridecodebin'),
  gstreamer('GStreamer 3', 'uridecodebin3'),
]
