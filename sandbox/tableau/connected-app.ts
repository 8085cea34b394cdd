/** Tokens of a connected app (direct trust): https://help.tableau.com/current/online/en-us/connected_apps_direct.htm */
import { jwtVerify } from 'jose';
import type { ConnectedApp } from './world.js';

export interface Claims {
  username: string;
  scopes: string[];
}

const maxLifeSeconds = 10 * 60;

/** Gives the claims of the token, or the reason why it is refused. Each token is accepted once. */
export const verifyToken = async (token: string, app: ConnectedApp, used: Set<string>): Promise<Claims | string> => {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(app.secretValue), {
      algorithms: ['HS256'],
      audience: 'tableau',
      issuer: app.clientId,
      requiredClaims: ['exp', 'sub', 'jti'],
      clockTolerance: 5,
    });
    const { exp = 0, sub = '', jti = '', scp } = payload;
    if (protectedHeader.kid !== app.secretId) return 'the kid is not the id of a secret';
    if (exp - Date.now() / 1000 > maxLifeSeconds + 5) return 'it is valid for more than ten minutes';
    if (used.has(jti)) return 'the jti was used before';
    if (!Array.isArray(scp) || !scp.every((scope) => typeof scope === 'string')) return 'scp is no list of scopes';
    used.add(jti);
    return { username: sub, scopes: scp };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
