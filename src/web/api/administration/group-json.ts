import { z } from 'zod';
import { NotFoundError } from '../../../common/errors';
import type { Group } from '../../../common/groups/group.entity';
import type { GroupsRepository } from '../../../common/groups/groups.repository';
import { isUuid } from '../../http/ids';
import { says } from '../contract/words';
import { isoTime } from '../runs/run-schemas';

export const groupSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    source: says(z.enum(['local', 'institute']), 'apiAdmin.groupSource'),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Group' });

export type GroupJson = z.infer<typeof groupSchema>;

export function groupJson({ id, name, description, source, createdMs }: Group): GroupJson {
  return { id, name, description, source: source === 'local' ? 'local' : 'institute', createdAt: isoTime(createdMs) };
}

/** @throws NotFoundError */
export async function requireGroup(groups: GroupsRepository, id: string): Promise<Group> {
  const group = isUuid(id) ? await groups.findById(id) : null;
  if (!group) throw new NotFoundError('groups.gone');
  return group;
}
