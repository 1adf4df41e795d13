import type { SessionAnswer } from '../../../schemas/accounts.ts'
import { ask, keepCsrf } from './api.ts'

export type Account = SessionAnswer
export type Person = NonNullable<Account['person']>

/** Who is signed in here. */
export async function fetchAccount(): Promise<Account> {
  const account = await ask<Account>('GET', '/api/session')
  keepCsrf(account.csrf)
  return account
}

export async function signIn(name: string, password: string): Promise<Account> {
  await ask('POST', '/api/session', { name, password })
  return fetchAccount()
}

export async function signOut(): Promise<void> {
  await ask('DELETE', '/api/session')
  keepCsrf(null)
}

/** Whether a person may order about other people's sessions too, and hold the air. */
export const mayDirect = ({ roles }: Person): boolean => roles.some((role) => role === 'admin' || role === 'operator')
