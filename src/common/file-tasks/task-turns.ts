import type { FileTask } from './file-task.entity';

type Waiting = Pick<FileTask, 'ownerId'>;

/** Whose turn it is: a person with many tasks must not keep one with a single task waiting for all of them. */
export class TaskTurns {
  private last = 0;
  /** Number of the last turn of those who have had one, by owner. */
  private readonly had = new Map<string, number>();

  note(ownerId: string): void {
    this.had.set(ownerId, (this.last += 1));
  }

  /** Forgets everybody else. */
  keepOnly(owners: readonly string[]): void {
    const kept = new Set(owners);
    for (const owner of this.had.keys()) if (!kept.has(owner)) this.had.delete(owner);
  }

  /**
   * The oldest task of whoever has the fewest at work, and among those has waited longest for a turn.
   * @param waiting the oldest first. @param atWork owners of the tasks under way.
   */
  fairest<Task extends Waiting>(waiting: readonly Task[], atWork: readonly string[]): Task | undefined {
    const working = ({ ownerId }: Task) => atWork.filter((owner) => owner === ownerId).length;
    const turn = ({ ownerId }: Task) => this.had.get(ownerId) ?? 0;
    const isBefore = (one: Task, other: Task) => working(one) - working(other) || turn(one) - turn(other);
    return waiting.reduce<Task | undefined>((best, task) => (best && isBefore(best, task) <= 0 ? best : task), undefined);
  }
}
