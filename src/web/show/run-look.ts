import { createHash } from 'node:crypto';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { address } from '../views/helpers';

/** Stands for all that the page of a run says of it besides its results and its log. */
export function signatureOfRun(run: Run): string {
  const { state, fence, attempt, progress, progressText, engineNote, note, begunMs, cancelRequestedMs } = run;
  const facts = JSON.stringify([state, fence, attempt, progress, progressText, engineNote, note, begunMs, cancelRequestedMs]);
  return createHash('sha256').update(facts).digest('base64url').slice(0, 16);
}

/**
 * Where the page of a run that is not over asks, now and then, whether it still shows what is there.
 * @param results signature of the results that it shows; '' for none.
 * @returns null once the run is over.
 */
export function lookAddress(run: Run, results: string): string | null {
  return isFinal(run.state) ? null : address('/runs', [run.id, 'look'], { run: signatureOfRun(run), results });
}
