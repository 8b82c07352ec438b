/**
 * A button that leads to another screen: a real link, so that it opens in a new tab as well.
 * Used wherever an action is a place.
 * Spec: ui 2 (every place has an address).
 */
import { Button, type ButtonProps } from '@mantine/core'
import { createLink, type LinkComponent } from '@tanstack/react-router'
import { type AnchorHTMLAttributes, forwardRef } from 'react'

type AnchorProps = ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>

const ButtonAnchor = forwardRef<HTMLAnchorElement, AnchorProps>((props, ref) => (
  <Button ref={ref} component="a" {...props} />
))

const Linked = createLink(ButtonAnchor)

export const LinkButton: LinkComponent<typeof ButtonAnchor> = props => <Linked {...props} />
