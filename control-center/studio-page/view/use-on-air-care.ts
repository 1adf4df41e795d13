import { useEffect } from 'preact/hooks'
import type { Studio } from './use-studio.ts'

const AT_STAKE: Studio['standing']['state'][] = ['going-live', 'on-air', 'covered', 'ending']

/** Keeps the screen awake and the tab open while something is at stake, and says in the tab's title how it stands. */
export function useOnAirCare({ standing, session, programme }: Studio): void {
  // With the state not known we may well be on air.
  const isAtStake = AT_STAKE.includes(standing.state) || (standing.state === 'unknown' && session !== null)
  useEffect(() => {
    if (!isAtStake) return
    const warn = (event: BeforeUnloadEvent): void => {
      event.preventDefault()
      // What browsers of before 2024 look at.
      event.returnValue = 'You are on air.'
    }
    addEventListener('beforeunload', warn)
    const release = keepAwake()
    return () => {
      removeEventListener('beforeunload', warn)
      release()
    }
  }, [isAtStake])
  useEffect(() => {
    document.title = `${standing.headline} · ${programme.name}`
  }, [standing.headline, programme.name])
}

/** The browser lets go of the lock whenever the page is hidden: it is taken again when it is back. */
function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null
  let isWanted = true
  const take = (): void => {
    if (document.hidden || navigator.wakeLock === undefined) return
    navigator.wakeLock.request('screen').then(
      (taken) => {
        if (isWanted) lock = taken
        else void taken.release()
      },
      // Refused with an empty battery: then the screen goes off as usual.
      () => undefined,
    )
  }
  take()
  document.addEventListener('visibilitychange', take)
  return () => {
    isWanted = false
    document.removeEventListener('visibilitychange', take)
    void lock?.release()
  }
}
