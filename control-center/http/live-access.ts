import type { Role } from '../../schemas/accounts.ts'

/** Who may see how live stands. An admin may do everything. */
export const LIVE_READERS: readonly Role[] = ['anchor', 'operator', 'programmer']
/** Who may hear sessions before they are on air, and give orders for them: anchors for their own only. */
export const SESSION_ORDERS: readonly Role[] = ['anchor', 'operator']
/** What concerns the whole station. */
export const STATION_ORDERS: readonly Role[] = ['operator']
/** Who may be heard. */
export const SENDERS: readonly Role[] = ['anchor']
