import type { INestApplicationContext } from '@nestjs/common';
import type { AuditObjectKind } from '../common/audit/audit-entry.entity';
import { AuditTrail, thisProgram, type AuditObject } from '../common/audit/audit-trail';
import { GroupsRepository } from '../common/groups/groups.repository';
import { UsersRepository } from '../common/users/users.repository';

type Context = Pick<INestApplicationContext, 'get'>;

/** What the audit log calls a command, and what its first word names; null: it changes nothing. */
export const DEEDS: Record<string, { action: `${string}.${string}`; kind: AuditObjectKind } | null> = {
  'make-admin': { action: 'person.make-administrator', kind: 'person' },
  'unmake-admin': { action: 'person.unmake-administrator', kind: 'person' },
  suspend: { action: 'person.suspend', kind: 'person' },
  unsuspend: { action: 'person.unsuspend', kind: 'person' },
  quota: { action: 'person.set-limits', kind: 'person' },
  'reset-password': { action: 'person.reset-password', kind: 'person' },
  confirm: { action: 'person.confirm-address', kind: 'person' },
  'change-address': { action: 'person.change-address', kind: 'person' },
  'reset-link': { action: 'person.reset-link', kind: 'person' },
  invite: { action: 'person.invite', kind: 'person' },
  'keep-account': { action: 'person.keep', kind: 'person' },
  'list-users': null,
  tokens: null,
  'tokens-revoke': { action: 'token.revoke', kind: 'token' },
  groups: null,
  'group-add': { action: 'group.add-members', kind: 'group' },
  'group-remove': { action: 'group.remove-member', kind: 'group' },
  'group-delete': { action: 'group.delete', kind: 'group' },
  pipelines: null,
  'pipeline-off': { action: 'pipeline.switch', kind: 'pipeline' },
  'pipeline-on': { action: 'pipeline.switch', kind: 'pipeline' },
  'pipeline-access': { action: 'pipeline.set-access', kind: 'pipeline' },
  disk: null,
  audit: null,
  runners: null,
  pause: { action: 'runner.pause', kind: 'runner' },
  drain: { action: 'runner.drain', kind: 'runner' },
  resume: { action: 'runner.resume', kind: 'runner' },
  queue: null,
  cancel: { action: 'run.cancel', kind: 'run' },
  lost: { action: 'run.declare-lost', kind: 'run' },
  front: { action: 'run.to-front', kind: 'run' },
  back: { action: 'run.to-back', kind: 'run' },
  move: { action: 'run.move', kind: 'run' },
  hold: { action: 'run.hold', kind: 'run' },
  release: { action: 'run.release', kind: 'run' },
  'remove-runner': { action: 'runner.remove', kind: 'runner' },
  outbox: null,
  'outbox-retry': { action: 'mail.retry', kind: 'mail' },
  'outbox-drop': { action: 'mail.drop', kind: 'mail' },
  cleaner: null,
  keep: { action: 'run.keep', kind: 'run' },
};

/** What `--all` makes of commands that else name one thing. */
const OF_ALL: Record<string, { action: `${string}.${string}`; kind: AuditObjectKind }> = {
  hold: { action: 'queue.hold', kind: 'site' },
  'tokens-revoke': { action: 'token.revoke-all', kind: 'person' },
  release: { action: 'queue.release', kind: 'site' },
};

/** With one word alone they only show, and change nothing. */
const ASKING: ReadonlySet<string> = new Set(['quota', 'pipeline-access']);

/** The command with an entry in the audit log behind it. @param words without options. @param options as they were typed. */
export function audited(
  name: string,
  words: readonly string[],
  options: readonly string[],
  command: (context: Context) => Promise<string>,
): (context: Context) => Promise<string> {
  const deed = deedOf(name, options);
  if (!deed || (ASKING.has(name) && words.length === 1)) return command;
  return async (context) => {
    const trail = context.get(AuditTrail, { strict: false });
    const object = await objectOf(deed.kind, words[0] ?? 'all', context);
    const more = [...options, ...words.slice(1)].join(' ');
    const details = more === '' ? undefined : { words: more };
    const note = (outcome: 'done' | 'failed') => trail.note({ actor: thisProgram('shell'), action: deed.action, object, details, outcome });
    try {
      const said = await command(context);
      note('done');
      return said;
    } catch (error) {
      note('failed');
      throw error;
    } finally {
      await trail.settled();
    }
  };
}

function deedOf(name: string, options: readonly string[]) {
  if (options.includes('--all') && Object.hasOwn(OF_ALL, name)) return OF_ALL[name];
  return Object.hasOwn(DEEDS, name) ? DEEDS[name] : null;
}

async function objectOf(kind: AuditObjectKind, word: string, context: Context): Promise<AuditObject> {
  if (kind === 'site') return { kind, id: null };
  if (kind === 'group') {
    const group = await context.get(GroupsRepository, { strict: false }).findByName(word);
    return { kind, id: group?.id ?? null, name: group?.name ?? word };
  }
  // What keeps a run keeps a project as well, whose id is no number.
  if (kind === 'run' && word.includes('-')) return { kind: 'project', id: word.slice(0, 36) };
  // Whoever pastes a whole token does not mean to have it written down.
  if (kind === 'token') return { kind, id: null, name: word.slice(0, 10) };
  if (kind !== 'person') return { kind, id: word.replace(/^#/, '').slice(0, 64), name: kind === 'run' ? '' : word };
  const person = await context.get(UsersRepository, { strict: false }).findByEmail(word.trim());
  return { kind, id: person?.id ?? null, name: person?.displayName ?? word };
}
