/**
 * Why somebody was not let in. Used by the pages of signing in and of setup.
 * Invariant: a refusal says what to do by itself; other errors get advice.
 * Spec: ui 4.2, 5.2.
 */
import { IconXboxXFilled } from '@tabler/icons-react'
import { adviceOf } from '../parts/panel.tsx'

export function SignInError({ error }: { readonly error: Error }) {
  const isWrong = 'status' in error && (error.status === 403 || error.status === 409)
  return (
    <div className="sc-banner" data-role="error" role="alert" data-testid="login-error">
      <IconXboxXFilled size={16} aria-hidden />
      <p>
        {error.message} {isWrong ? '' : adviceOf(error)}
      </p>
    </div>
  )
}
