import type { Run } from './run.entity';

/** Whether a run came from another system, which carried it out: nothing here ever limited its time, and it has no log. */
export function isTakenOver({ timeLimitSeconds }: Pick<Run, 'timeLimitSeconds'>): boolean {
  return timeLimitSeconds === 0;
}
