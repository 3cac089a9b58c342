import { Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { noteKeys } from '../../common/queue/note-words';
import type { Run } from '../../common/queue/run.entity';
import { isTakenOver } from '../../common/queue/taken-over';
import { lastWords } from '../show/log/log.view';
import { RunLog } from '../show/log/run-log';

/** Of the log of a run that failed; so many are looked at for its cause, here and on its page. */
export const FAILED_LOG_LINES = 22;
/** Logs that are read for one page; what was read before is remembered. */
const MOST_READ = 100;
const MOST_KNOWN = 2000;
/** A list shows one line. */
const LONGEST_CAUSE = 300;

/** A number tells people nothing where the program itself has said why. */
export function tellsStatusOnly({ state, note }: Pick<Run, 'state' | 'note'>): boolean {
  const keys = noteKeys(note);
  return state === 'failed' && keys.length === 1 && keys[0] === 'queue.endedWithCode';
}

/** Why programs failed, in their own words, as the pages of their runs begin. */
@Injectable()
export class FailureCauses {
  private readonly logger = new Logger(FailureCauses.name);
  /** By run and attempt; '' where a log tells no cause. A log stays as it is once its run is over. */
  private readonly known = new Map<string, string>();

  constructor(private readonly log: RunLog) {}

  /**
   * @param runs whose reader may read them.
   * @returns by their numbers; those are left out whose note says more than a number, and those whose log tells no cause.
   */
  async of(runs: readonly Run[]): Promise<Map<number, string>> {
    const asked = runs.filter((run) => run.attempt > 0 && !isTakenOver(run) && tellsStatusOnly(run));
    const fresh = asked.filter((run) => !this.known.has(keyOf(run))).slice(0, MOST_READ);
    if (this.known.size + fresh.length > MOST_KNOWN) this.known.clear();
    await Promise.all(fresh.map((run) => this.read(run)));
    return new Map(
      asked.flatMap((run) => {
        const cause = this.known.get(keyOf(run)) ?? '';
        return cause === '' ? [] : [[run.id, cause] as const];
      }),
    );
  }

  private async read(run: Run): Promise<void> {
    try {
      const block = await this.log.rows({ runId: run.id, attempt: run.attempt }, { kind: 'end' }, { most: FAILED_LOG_LINES });
      const { lastWords: words, tellsCause } = lastWords(block?.rows ?? []);
      this.known.set(keyOf(run), tellsCause ? words.slice(0, LONGEST_CAUSE) : '');
    } catch (error) {
      if (!(error instanceof DomainError)) this.logger.warn(`Cannot read the log of run ${run.id}: ${String(error)}`);
    }
  }
}

function keyOf({ id, attempt }: Run): string {
  return `${id} ${attempt}`;
}
