/**
 * What needs attention in a form, on top, with a way to each field. Used by every form.
 * Invariant: a link puts the focus into the field that it names.
 * Spec: ui 4.4, 8 (`form-errors`).
 */
export interface FormError {
  /** Test id of the field. */
  readonly id: string
  readonly label: string
  readonly message: string
}

export function FormErrors({ errors }: { readonly errors: readonly FormError[] }) {
  if (errors.length === 0) return undefined
  const go = (id: string) =>
    document.querySelector<HTMLElement>(`[data-testid="${CSS.escape(id)}"]`)?.focus()
  return (
    <div
      className="sc-banner sc-form-errors"
      data-role="error"
      data-testid="form-errors"
      role="alert"
    >
      <div>
        <strong>
          {errors.length === 1
            ? '1 field needs attention'
            : `${errors.length} fields need attention`}
        </strong>
        <ul className="sc-errors">
          {errors.map(one => (
            <li key={one.id}>
              <button type="button" className="sc-text-button" onClick={() => go(one.id)}>
                {one.label}
              </button>
              : {one.message}
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
