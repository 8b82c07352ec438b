/**
 * Networks, and the ways in which addresses are written.
 */
import { expect, it } from 'vitest'
import { AddressList, isLoopbackAddress, plainAddress, wrongAddress } from './address-list.ts'

it.each([
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['10.0.0.5', '10.0.0.5', true],
  ['10.0.0.5', '10.0.0.6', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['0.0.0.0/0', '192.0.2.1', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['10.0.0.0/8', 'worker.example', false],
  ['10.0.0.0/8', undefined, false],
])('%s has %s: %s', (network, address, isIn) => {
  expect(new AddressList([network]).has(address)).toBe(isIn)
})

it.each([
  '',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0',
  '2001:db8::/129',
  'fe80::1%eth0/64',
  'worker.example',
  '10.0.0.0/x',
])('%j is no network', text => expect(wrongAddress(['10.0.0.1', text])).toBe(text))

it('tells what is no text', () => {
  expect([wrongAddress([5]), wrongAddress(['::1', '10.0.0.0/8'])]).toEqual(['5', undefined])
})

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['[::1]:8083', '::1', true],
  ['192.0.2.1:443', '192.0.2.1', false],
  ['unknown', undefined, false],
  ['', undefined, false],
])('reads %j as %s', (text, plain, isHere) => {
  expect([plainAddress(text), isLoopbackAddress(text)]).toEqual([plain, isHere])
})
