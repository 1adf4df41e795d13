import { type MicrophoneChoice, PLAIN } from './capture.ts'

const CHOICE = 'airtight-microphone'
const OPEN = 'airtight-microphone-open'

/** What was chosen on this machine before. */
export function rememberedChoice(): MicrophoneChoice {
  try {
    return { ...PLAIN, ...(JSON.parse(localStorage.getItem(CHOICE) ?? '{}') as Partial<MicrophoneChoice>) }
  } catch {
    return PLAIN
  }
}

export function rememberChoice(choice: MicrophoneChoice): void {
  try {
    localStorage.setItem(CHOICE, JSON.stringify(choice))
  } catch {
    // A private window keeps nothing.
  }
}

/** Whether this tab had its microphone open when it was loaded anew. */
export function wasOpen(): boolean {
  try {
    return sessionStorage.getItem(OPEN) === 'yes'
  } catch {
    return false
  }
}

export function rememberOpen(isOpen: boolean): void {
  try {
    if (isOpen) sessionStorage.setItem(OPEN, 'yes')
    else sessionStorage.removeItem(OPEN)
  } catch {
    // As above.
  }
}
