// Which addresses a webhook may reach: those of the public internet. What a server can reach and its users cannot (its own machine, its
// network, a cloud's metadata service) must not be asked on their behalf. Allowed is what IANA's special-purpose registries (RFC 6890 and
// its successors) leave as globally reachable; an IPv6 address that carries an IPv4 one is judged by that.

import { BlockList, isIPv4, isIPv6 } from 'node:net';

const RESERVED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, the reserved rest and broadcast.
  ['224.0.0.0', 3],
  // Azure's metadata and host services have an address that looks public.
  ['168.63.129.16', 32],
];

/** Parts of 2000::/3 that are not what it is for: IETF protocols with Teredo, documentation twice, 6to4. */
const RESERVED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const reserved = new BlockList();
for (const [network, bits] of RESERVED_V4) reserved.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of RESERVED_V6) reserved.addSubnet(network, bits, 'ipv6');

const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');

/** The IPv4 address inside an IPv4-mapped address, or one of NAT64's well-known prefix; null where there is none. */
function embeddedV4(address: string): string | null {
  // The URL parser writes any IPv6 address in its one short form, with its last 32 bits as two groups.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const match = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return null;
  const [high, low] = [parseInt(match[1] ?? '0', 16), parseInt(match[2] ?? '0', 16)];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

/** Whether an IP address, as text, is one of the public internet. Text that is no address is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !reserved.check(address, 'ipv4');
  // A zone names an interface of this machine.
  if (!isIPv6(address) || address.includes('%')) return false;
  const inner = embeddedV4(address);
  if (inner !== null) return !reserved.check(inner, 'ipv4');
  return global6.check(address, 'ipv6') && !reserved.check(address, 'ipv6');
}
