import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import type { UsersRepository } from '../../../common/users/users.repository';
import { isUuid } from '../../http/ids';
import { says } from '../contract/words';
import { isoTime, isoTimeOrNull } from '../runs/run-schemas';

const time = z.iso.datetime();

/** Somebody as administrators see them. */
export const personSchema = z
  .object({
    id: z.string(),
    kind: says(z.enum(['account', 'guest']), 'apiAdmin.personKind'),
    displayName: z.string(),
    email: z.string().nullable(),
    isAdministrator: z.boolean(),
    confirmedAt: says(time.nullable(), 'apiAdmin.confirmedAt'),
    suspendedAt: time.nullable(),
    suspendedWhy: says(z.string().nullable(), 'apiAdmin.suspendedWhy'),
    leavingAt: says(time.nullable(), 'apiAdmin.leavingAt'),
    createdAt: time,
    seenAt: time,
  })
  .meta({ id: 'Person' });

export type PersonJson = z.infer<typeof personSchema>;

/** Somebody in a group. */
export const memberSchema = z.object({ id: z.string(), displayName: z.string(), email: z.string().nullable() }).meta({ id: 'GroupMember' });

export function personJson(user: User): PersonJson {
  return {
    id: user.id,
    kind: user.kind,
    displayName: user.displayName,
    email: user.email,
    isAdministrator: user.isAdmin,
    confirmedAt: isoTimeOrNull(user.confirmedMs),
    suspendedAt: isoTimeOrNull(user.suspendedMs),
    suspendedWhy: user.suspendedWhy,
    leavingAt: isoTimeOrNull(user.leavingMs),
    createdAt: isoTime(user.createdMs),
    seenAt: isoTime(user.lastSeenMs),
  };
}

/** @throws NotFoundError */
export async function requirePerson(users: UsersRepository, id: string): Promise<User> {
  const person = isUuid(id) ? await users.findById(id) : null;
  if (!person) throw new NotFoundError('apiAdmin.noSuchPerson');
  return person;
}
