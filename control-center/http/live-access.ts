import type { Role } from '../../schemas/accounts.ts'

/** Who may see how live stands. An admin may do everything. */
export const LIVE_READERS: readonly Role[] = ['anchor', 'operator', 'programmer']
/** Who may hear a session before it is on air, and give orders: anchors for their own sessions only. */
export const AUDIO_PREVIEW: readonly Role[] = ['anchor', 'operator']
export const SESSION_ORDERS: readonly Role[] = ['anchor', 'operator']
/** What concerns the whole station. */
export const STATION_ORDERS: readonly Role[] = ['operator']
