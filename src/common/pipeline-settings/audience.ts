import type { Asker } from '../members/asker';
import type { OpenTo } from '../pipelines/access';

/** Who may run a pipeline, all names looked up. */
export type Audience = OpenTo | { groupIds: ReadonlySet<string>; userIds: ReadonlySet<string>; addresses: ReadonlySet<string> };

/** Whether somebody may run it. @param asker null: somebody who is not logged in, who could be a guest at any moment. */
export function isAmong(asker: Asker | null, audience: Audience): boolean {
  if (asker?.isAdmin || audience === 'everyone') return true;
  if (asker?.kind !== 'account' || audience === 'administrators') return false;
  if (audience === 'accounts') return true;
  const { groupIds, userIds, addresses } = audience;
  if (userIds.has(asker.id) || (asker.address !== null && addresses.has(asker.address))) return true;
  return [...asker.groupIds].some((id) => groupIds.has(id));
}
