/**
 * What only some roles see: an act that a role may never do is not shown. Used around acts.
 * Invariant: the server decides again.
 * Spec: ui 4.11.
 */
import type { ReactNode } from 'react'
import type { Role } from '../../api-v1.ts'
import { useMay } from './session.ts'

interface MayProps {
  readonly least: Role
  readonly children: ReactNode
  /** What others see. @default nothing */
  readonly otherwise?: ReactNode
}

export function May({ least, children, otherwise }: MayProps) {
  return useMay(least) ? children : otherwise
}
