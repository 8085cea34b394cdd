/** Whether a host is on the internet: an address that somebody else chose must not reach what only this network can. */
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * https://www.iana.org/assignments/iana-ipv4-special-registry, with multicast, and those of IPv6 that are in 2000::/3. `BlockList` looks for `::ffff:127.0.0.1`
 * among IPv4.
 */
const ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.88.99.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['2001::', 23, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['3fff::', 20, 'ipv6'],
];

const reserved = new BlockList();
for (const [network, prefix, family] of ranges) reserved.addSubnet(network, prefix, family);

/** Of IPv6 only 2000::/3 is given to networks of the internet (https://www.iana.org/assignments/ipv6-address-space); IPv4 can be written as IPv6. */
const allocated = new BlockList();
allocated.addSubnet('2000::', 3, 'ipv6');
allocated.addSubnet('::ffff:0:0', 96, 'ipv6');

/** False for an address that is private, of this machine, of this link or reserved, and for what is no address. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !reserved.check(address, 'ipv4');
  return family === 6 && allocated.check(address, 'ipv6') && !reserved.check(address, 'ipv6');
}

export const privateAddressCode = 'EPRIVATEADDRESS';
export const privateAddress = (): Error =>
  Object.assign(new Error('The address is private.'), { code: privateAddressCode });

/** As `dns.lookup`, for a connection: what it refuses is not connected to, whatever the name pointed to before. */
export const lookupAllowed =
  (isAllowed: (address: string) => boolean): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = error ? [] : addresses;
      if (error || !first) callback(error ?? new Error('The name has no address.'), '', 0);
      else if (!addresses.every(({ address }) => isAllowed(address))) callback(privateAddress(), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
