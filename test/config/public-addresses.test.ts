import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from '../../src/config/public-addresses.js';

test('addresses on the internet are public', () => {
  for (const address of [
    '8.8.8.8',
    '1.1.1.1',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '2606:4700::1111',
    '2a00:1450::1',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
  ])
    assert.equal(isPublicAddress(address), true, address);
});

test('addresses that are private, of this machine, of this link or reserved are not, in every notation', () => {
  const refused = `0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255
    192.0.0.1 192.168.1.1 198.18.0.1 203.0.113.1 224.0.0.1 255.255.255.255
    :: ::1 0:0:0:0:0:0:0:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::127.0.0.1 64:ff9b::a00:1
    2001:db8::1 2002:7f00:1:: fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 ff02::1
    ::ffff:0:7f00:1 ::ffff:0:0:7f00:1 200::1 1fff::1 4000::1 5f00::1 fec0::1 3fff::1 2001::7f00:1
    localhost 127.1 8.8.8.8/8`.split(/\s+/);
  for (const address of refused) assert.equal(isPublicAddress(address), false, address);
});
