import { useState } from 'preact/hooks'
import { type Account, signIn } from '../account/session.ts'

export function SignIn({ setupNeeded, onSignedIn }: { setupNeeded: boolean; onSignedIn(account: Account): void }) {
  const [problem, setProblem] = useState<string | null>(null)
  const [isAsking, setIsAsking] = useState(false)
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    setIsAsking(true)
    setProblem(null)
    signIn(String(form.get('name')), String(form.get('password')))
      .then(onSignedIn, (error: Error) => setProblem(error.message))
      .finally(() => setIsAsking(false))
  }
  return (
    <main class="door">
      <form onSubmit={submit}>
        <h1>Studio</h1>
        {setupNeeded && <p>Nobody has an account yet. `npm start` has printed a link that makes the first one.</p>}
        <label>
          Name
          <input name="name" autocomplete="username" required maxLength={100} />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required maxLength={200} />
        </label>
        <button type="submit" class="primary" disabled={isAsking}>
          {isAsking ? 'Signing in…' : 'Sign in'}
        </button>
        <p class="problem" role="alert">
          {problem}
        </p>
        <p class="faint">With a personal link you need no password: open it again.</p>
      </form>
    </main>
  )
}
