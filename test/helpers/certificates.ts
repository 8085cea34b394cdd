/** Certificates for tests, made with node:crypto alone: an authority and the certificates it signs. RFC 5280, in DER. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

type Der = Buffer;
const der = (tag: number, ...parts: Der[]): Der => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Der[]): Der => der(0x30, ...parts);
const oid = (hex: string): Der => der(0x06, Buffer.from(hex, 'hex'));
const octets = (...parts: Der[]): Der => der(0x04, ...parts);
const bits = (part: Buffer): Der => der(0x03, Buffer.from([0]), part);
const yes = der(0x01, Buffer.from([0xff]));
const time = (at: number): Der =>
  der(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`));

const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));
const nameOf = (text: string): Der => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(text)))));
const basicConstraints = sequence(oid('551d13'), yes, octets(sequence(yes)));
const onThisMachine = sequence(
  oid('551d11'),
  octets(sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))),
);

export interface Certificate {
  /** PEM. */
  cert: string;
  key: string;
}
export interface Authority {
  cert: string;
  /** Signs a certificate for this machine, good for a server and for a client. */
  issue: (name: string) => Certificate;
}

const keys = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const hourMs = 3_600_000;

function certificate(
  subject: string,
  publicKey: KeyObject,
  issuer: string,
  issuerKey: KeyObject,
  extension: Der,
): string {
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    nameOf(issuer),
    sequence(time(Date.now() - hourMs), time(Date.now() + 24 * hourMs)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, issuerKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

export function authority(name: string): Authority {
  const own = keys();
  return {
    cert: certificate(name, own.publicKey, name, own.privateKey, basicConstraints),
    issue(subject) {
      const { publicKey, privateKey } = keys();
      const cert = certificate(subject, publicKey, name, own.privateKey, onThisMachine);
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}
