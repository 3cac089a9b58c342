import { Injectable } from '@nestjs/common';
import { UsersRepository } from '../users/users.repository';
import type { Chore } from './chore';
import { DryRun, type Foreseen } from './dry-run';

/** What people notice when it goes; the cleaner has further chores, which tidy up behind everybody. */
export class ForeseenChores {
  constructor(readonly inOrder: readonly Chore[]) {}
}

/** Words for a kind of thing: the name of its chore is one of the sentences. */
export interface PreviewItem {
  chore: string;
  what: string;
  dueMs: number;
  /** Null where it belongs to nobody alone. */
  ownerId: string | null;
  owner: string;
  runId: number | null;
  /** Where it lies, or lay; null where that is no project. */
  projectId: string | null;
  files: number | null;
  bytes: number | null;
}

export interface CleaningAhead {
  /** The first to go first. */
  items: PreviewItem[];
  /** What goes of each person, the most first; what has no size counts as nothing. */
  owners: { owner: string; count: number; bytes: number }[];
  bytes: number;
  /** More goes than is listed. */
  isCut: boolean;
}

const DAY_MS = 86_400_000;
const MOST_LISTED = 1000;

/** What the next cleanings will remove, and when. */
@Injectable()
export class CleaningPreview {
  constructor(
    private readonly chores: ForeseenChores,
    private readonly dryRun: DryRun,
    private readonly users: UsersRepository,
  ) {}

  /** @param days how far ahead. @param measureForMs how long things may be measured. */
  async of(days: number, measureForMs: number): Promise<CleaningAhead> {
    const found: Foreseen[] = [];
    let isCut = false;
    for await (const one of this.dryRun.list(this.chores.inOrder, { aheadMs: days * DAY_MS, measureForMs })) {
      if (found.length >= MOST_LISTED) {
        isCut = true;
        break;
      }
      found.push(one);
    }
    const people = await this.users.findByIds([...new Set(found.flatMap(({ waste }) => waste.ownerId ?? []))]);
    const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
    const items = found
      .map((one) => itemOf(one, names))
      .sort((one, other) => one.dueMs - other.dueMs || (one.runId ?? 0) - (other.runId ?? 0));
    return { items, owners: ownersOf(items), bytes: items.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0), isCut };
  }
}

function itemOf({ chore, waste, dueMs, amount }: Foreseen, names: ReadonlyMap<string, string>): PreviewItem {
  const ownerId = waste.ownerId ?? null;
  return {
    chore: chore.name,
    what: waste.inWords?.() ?? waste.what,
    dueMs,
    ownerId,
    owner: names.get(ownerId ?? '') ?? '',
    runId: waste.runId ?? null,
    projectId: waste.projectId ?? null,
    files: amount?.files ?? null,
    bytes: amount?.bytes ?? null,
  };
}

function ownersOf(items: readonly PreviewItem[]): CleaningAhead['owners'] {
  const owners = new Map<string, { owner: string; count: number; bytes: number }>();
  for (const { ownerId, owner, bytes } of items) {
    const key = ownerId ?? '';
    const sum = owners.get(key) ?? { owner, count: 0, bytes: 0 };
    owners.set(key, { owner: sum.owner, count: sum.count + 1, bytes: sum.bytes + (bytes ?? 0) });
  }
  return [...owners.values()].sort((one, other) => other.bytes - one.bytes || other.count - one.count);
}
