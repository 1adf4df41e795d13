import type { Standing } from '../truth/standing.ts'

/** Each state has a shape of its own, for those who can't tell the colours apart. */
export function Shape({ state }: { state: Standing['state'] }) {
  return (
    <svg class="shape" viewBox="0 0 100 100" aria-hidden="true">
      {shapeOf(state)}
    </svg>
  )
}

function shapeOf(state: Standing['state']) {
  switch (state) {
    case 'off-air':
      return <path class="line" d="M50 12a38 38 0 1 0 .01 0M23 77 77 23" />
    case 'connecting':
      return <circle class="line dashed" cx="50" cy="50" r="38" />
    case 'ready':
      return <path class="line" d="M50 12a38 38 0 1 0 .01 0M33 51l12 13 23-27" />
    case 'going-live':
      return <path class="solid" d="M20 12 50 42 80 12v26L50 68 20 38zM20 46l30 30 30-30v12L50 88 20 58z" />
    case 'on-air':
      return (
        <>
          <circle class="solid" cx="50" cy="50" r="20" />
          <path
            class="line"
            d="M24 24a37 37 0 0 0 0 52M76 24a37 37 0 0 1 0 52M10 10a57 57 0 0 0 0 80M90 10a57 57 0 0 1 0 80"
          />
        </>
      )
    case 'covered':
      return (
        <>
          <path class="line" d="M50 10 94 88H6z" />
          <path class="line" d="M50 38v24M50 73v3" />
        </>
      )
    case 'ending':
      return <rect class="solid" x="20" y="20" width="60" height="60" rx="4" />
    case 'unknown':
      return <path class="line" d="M32 34a19 19 0 1 1 28 17c-7 4-10 8-10 15M50 82v3" />
  }
}
