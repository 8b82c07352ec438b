/**
 * The nonce that the server gave this page, for the styles that components add.
 * Used by the theme and the editor. Empty where the page is not served by the product.
 * Spec: ui 4.10 (policy).
 */
export function pageNonce(): string {
  return document.querySelector<HTMLElement>('script[nonce]')?.nonce ?? ''
}
