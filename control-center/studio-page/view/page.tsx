import { useEffect, useState } from 'preact/hooks'
import { type Account, fetchAccount, signOut } from '../account/session.ts'
import { SignIn } from './sign-in.tsx'
import { StudioView } from './studio.tsx'

const ASKED_AGAIN_MS = 2_000

export function Page() {
  const [account, setAccount] = useState<Account | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let again: ReturnType<typeof setTimeout> | undefined
    fetchAccount().then(setAccount, (error: Error) => {
      setProblem(error.message)
      again = setTimeout(() => setAttempt(attempt + 1), ASKED_AGAIN_MS)
    })
    return () => clearTimeout(again)
  }, [attempt])
  if (account === null)
    return (
      <main class="door">
        <p role="status">{problem ?? 'Looking who is there…'}</p>
      </main>
    )
  if (account.person === null) return <SignIn setupNeeded={account.setupNeeded} onSignedIn={setAccount} />
  return (
    <StudioView
      person={account.person}
      onSignOut={() =>
        void signOut().then(
          () => setAttempt(attempt + 1),
          () => location.reload(),
        )
      }
    />
  )
}
