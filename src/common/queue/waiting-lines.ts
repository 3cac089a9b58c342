import { levelOf } from './rank';

interface Waiting {
  id: number;
  rank: number;
  ownerId: string;
  pipelineId: string;
}

/** The queued runs, each behind those of the same level, owner and pipeline that have a lower rank, or the same and are older. */
export class WaitingLines<Some extends Waiting> {
  private readonly lines = new Map<string, Some[]>();

  constructor(candidates: readonly Some[]) {
    for (const candidate of [...candidates].sort((one, other) => other.rank - one.rank || other.id - one.id)) {
      const key = keyOf(candidate);
      const line = this.lines.get(key);
      if (line) line.push(candidate);
      else this.lines.set(key, [candidate]);
    }
  }

  /** Of the first runs of all lines the one that goes before the others. */
  first(compare: (one: Some, other: Some) => number): Some | undefined {
    let found: Some | undefined;
    for (const line of this.lines.values()) {
      const head = line.at(-1)!;
      if (!found || compare(head, found) < 0) found = head;
    }
    return found;
  }

  /** @param following who stands behind a run among those of its rank, where these are not known from the beginning. */
  advance(head: Some, following: (last: Some) => Some | undefined): void {
    const line = this.lines.get(keyOf(head));
    if (!line) return;
    line.pop();
    const next = following(head);
    if (next) line.push(next);
    if (line.length === 0) this.close(head);
  }

  /** Who stands behind waits as well. */
  close(head: Some): void {
    this.lines.delete(keyOf(head));
  }
}

function keyOf({ rank, ownerId, pipelineId }: Waiting): string {
  return `${levelOf(rank)} ${ownerId} ${pipelineId}`;
}
