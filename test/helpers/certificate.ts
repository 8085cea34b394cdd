/** A certificate for this machine that signs itself, made anew: X.509 in DER, https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const hex = (tag: number, digits: string) => der(tag, Buffer.from(digits, 'hex'));

const ecdsaWithSha256 = sequence(hex(0x06, '2a8648ce3d040302'));
const commonName = hex(0x06, '550403');
const subjectAltName = hex(0x06, '551d11');
const basicConstraints = hex(0x06, '551d13');

/** For `localhost` and 127.0.0.1, both in PEM. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('localhost')))));
  const time = (text: string) => der(0x17, Buffer.from(text));
  const names = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])));
  const authority = sequence(hex(0x01, 'ff'));
  const content = sequence(
    der(0xa0, hex(0x02, '02')),
    der(0x02, Buffer.from([1]), randomBytes(8)),
    ecdsaWithSha256,
    name,
    sequence(time('200101000000Z'), time('491231235959Z')),
    name,
    publicKey,
    der(
      0xa3,
      sequence(
        sequence(basicConstraints, hex(0x01, 'ff'), der(0x04, authority)),
        sequence(subjectAltName, der(0x04, names)),
      ),
    ),
  );
  const signature = sign('sha256', content, createPrivateKey(privateKey));
  const whole = sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = (whole.toString('base64').match(/.{1,64}/g) ?? []).join('\n');
  return { key: privateKey, cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` };
}
