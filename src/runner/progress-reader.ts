import { setTimeout as sleep } from 'node:timers/promises';
import { Script, createContext } from 'node:vm';
import { Injectable, Logger } from '@nestjs/common';
import { RunFolders } from '../common/files/run-folders';
import { QueueStore } from '../common/queue/queue-store';
import type { TrackedRun, Work } from './tracked-runs';

const EVERY_MS = 1000;
const MOST_BYTES = 65_536;
/** For one look; the pattern comes from a manifest, the lines from a program. */
const MATCH_WITHIN_MS = 100;

export interface Progress {
  percent: number | null;
  text: string | null;
}

const place = createContext({ source: '', lines: [] as string[], groups: null });
// The last line that matches. In a context of its own for the sake of the time limit: a pattern may backtrack without end.
const search = new Script(`
  groups = null;
  { const pattern = new RegExp(source, 'u');
    for (let at = lines.length - 1; at >= 0 && !groups; at -= 1) { const match = pattern.exec(lines[at]); if (match) groups = { ...match.groups }; } }
  groups && JSON.stringify(groups)`);

/** Reads from the log how far a program is, where its pipeline says how. */
@Injectable()
export class ProgressReader {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly runFolders: RunFolders,
    private readonly store: QueueStore,
  ) {}

  /** Looks once a second until `signal` fires. Never fails: progress is a courtesy. */
  async follow({ run, lease }: TrackedRun, { manifest }: Work, signal: AbortSignal): Promise<void> {
    if (!manifest.progress) return;
    let from = 0;
    let told = '';
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const { lines, next } = await this.newLines(run, from);
        from = next;
        const progress = lines.length === 0 ? null : findProgress(manifest.progress.pattern, lines);
        const telling = JSON.stringify(progress);
        if (!progress || telling === told) continue;
        await this.store.reportProgress(lease, progress.percent, progress.text);
        told = telling;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
          this.logger.warn(`The progress pattern of ${run.pipelineId} takes too long; run ${run.id} shows no progress.`);
          return;
        }
        this.logger.debug(`No progress of run ${run.id}: ${String(error)}`);
      }
    }
  }

  /** Whole lines since the last look; of a flood only its end. A carriage return ends a line too: that is how progress bars are drawn. */
  private async newLines({ id, attempt }: TrackedRun['run'], from: number): Promise<{ lines: string[]; next: number }> {
    const size = await this.runFolders.logSize(id, attempt);
    const piece = await this.runFolders.readLog(id, attempt, Math.max(from, size - MOST_BYTES), MOST_BYTES);
    const end = Math.max(piece.bytes.lastIndexOf(0x0a), piece.bytes.lastIndexOf(0x0d)) + 1;
    const lines = piece.bytes
      .subarray(0, end)
      .toString('utf8')
      .split(/[\r\n]+/);
    return { lines: lines.filter(Boolean), next: piece.from + end };
  }
}

/**
 * The newest progress in some lines of a log, by a pattern with the groups `percent`, or `done` and `total`, and `text`.
 * @throws an error with the code ERR_SCRIPT_EXECUTION_TIMEOUT when the pattern takes too long.
 */
export function findProgress(pattern: string, lines: readonly string[]): Progress | null {
  place['source'] = pattern;
  place['lines'] = lines;
  const found = search.runInContext(place, { timeout: MATCH_WITHIN_MS }) as string | null;
  if (found === null) return null;
  const { percent, done, total, text } = JSON.parse(found) as Partial<Record<string, string>>;
  const share = percent === undefined ? (Number(done) / Number(total)) * 100 : Number(percent);
  return { percent: Number.isFinite(share) ? Math.min(100, Math.max(0, Math.round(share))) : null, text: text ?? null };
}
