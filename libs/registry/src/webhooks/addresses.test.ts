// Goal: no spelling of an address inside reaches it. Method: each special-purpose range with its edges, the spellings that URL parsers take,
// and generated addresses against the ranges' own arithmetic.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isPublicAddress } from './addresses.ts';
import { hostOf } from './send.ts';

describe('an address of the public internet', () => {
  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.15.255.255', '172.32.0.0', '100.63.255.255', '100.128.0.0', '223.255.255.255'])(
    'is %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each(['2606:4700:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::808:808'])('is %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.0.1',
    '198.19.255.255',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
  ])('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['', 'localhost', '127.1', '0x7f000001', '2130706433', '1.2.3.4 ', '[::1]', '1.2.3.4/8'])('is not the text %j', (text) => {
    expect(isPublicAddress(text)).toBe(false);
  });

  it.each(['127.1', '0x7f.1', '2130706433', '0177.0.0.1', '0x7f000001', '①②⑦.0.0.1', '127。0。0。1', '[::ffff:7f00:1]', '[0:0::1]'])(
    'is not what a URL makes of %s',
    (host) => {
      expect(isPublicAddress(hostOf(new URL(`http://${host}/`)))).toBe(false);
    },
  );

  it('is told in IPv6 by the IPv4 address that it carries', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(isPublicAddress(address));
        expect(isPublicAddress(`64:ff9b::${address}`)).toBe(isPublicAddress(address));
      }),
    );
  });

  it('is never outside of 2000::/3, but for those that carry one', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = parseInt(new URL(`http://[${address}]`).hostname.slice(1).split(':')[0] || '0', 16);
        if (first >> 13 !== 1 && first !== 0 && first !== 0x64) expect(isPublicAddress(address)).toBe(false);
      }),
    );
  });
});
