import { z } from 'zod';
import type { ApiToken } from '../../../common/api-tokens/api-token.entity';
import { TOKEN_SCOPES } from '../../../common/api-tokens/token-scopes';
import { says } from '../contract/words';

const time = z.iso.datetime();

export const tokenSchema = z
  .object({
    id: z.string(),
    name: says(z.string(), 'apiFiles.tokenName'),
    prefix: says(z.string(), 'apiFiles.tokenPrefix'),
    scopes: says(z.array(z.enum(TOKEN_SCOPES)), 'apiFiles.tokenScopes'),
    createdAt: time,
    expiresAt: time,
    usedAt: says(time.nullable(), 'apiFiles.tokenUsed'),
    usedFrom: says(z.string().nullable(), 'apiFiles.tokenUsedFrom'),
    isCurrent: says(z.boolean(), 'apiFiles.tokenCurrent'),
  })
  .meta({ id: 'Token' });

/** An account that proves itself, and what it wants. */
export const tokenOrderSchema = z.strictObject({
  email: says(z.string().min(1).max(254), 'apiFiles.orderEmail'),
  password: says(z.string().min(1).max(1000), 'apiFiles.orderPassword'),
  name: says(z.string().max(300), 'apiFiles.tokenName'),
  scopes: says(z.array(z.enum(TOKEN_SCOPES)).min(1).max(TOKEN_SCOPES.length).default(['read', 'files', 'run']), 'apiFiles.tokenScopes'),
  days: says(z.int().min(1).max(3650).optional(), 'apiFiles.orderDays'),
});

export const madeTokenSchema = z.object({ key: says(z.string(), 'apiFiles.tokenKey'), token: tokenSchema }).meta({ id: 'NewToken' });

export type TokenJson = z.infer<typeof tokenSchema>;

/** @param current the one that asks. */
export function tokenJson(token: ApiToken, current: Pick<ApiToken, 'id'> | undefined): TokenJson {
  const { id, name, prefix, scopes, createdMs, expiresMs, usedMs, usedAddress } = token;
  return {
    id,
    name,
    prefix,
    scopes,
    createdAt: new Date(createdMs).toISOString(),
    expiresAt: new Date(expiresMs).toISOString(),
    usedAt: usedMs === null ? null : new Date(usedMs).toISOString(),
    usedFrom: usedAddress,
    isCurrent: id === current?.id,
  };
}
