import { Injectable } from '@nestjs/common';
import { RunLinksRepository } from '../common/chains/run-links.repository';
import { StartupError } from '../common/errors';
import { noteInWords } from '../common/queue/note-words';
import { Poke } from '../common/queue/poke.service';
import { cancelNote, checkReason } from '../common/queue/queue-steering';
import { QueueStore } from '../common/queue/queue-store';
import { RunsRepository } from '../common/queue/runs.repository';
import type { Run } from '../common/queue/run.entity';
import { UsersRepository } from '../common/users/users.repository';
import type { WaitingLine } from '../common/waiting/waiting-line';
import { WaitingLines, type ActiveRuns } from '../common/waiting/waiting-lines.service';
import { text } from '../locales/text';
import { clockTime, plainTable } from './plain-table';
import { EXIT_DATA } from '../common/exit-status';

/** What an administrator sees of the queue and does to runs from the shell. Each command returns the text to print. */
@Injectable()
export class QueueCommands {
  constructor(
    private readonly store: QueueStore,
    private readonly runs: RunsRepository,
    private readonly lines: WaitingLines,
    private readonly users: UsersRepository,
    private readonly poke: Poke,
    private readonly links: RunLinksRepository,
  ) {}

  /** What runs, and what waits, with the sentences of the queue page. */
  async list(): Promise<string> {
    const active = await this.lines.read();
    const { held, waiting } = active;
    if (held.length + waiting.length === 0) return 'Nothing runs and nothing waits.';
    const people = await this.users.findByIds([...new Set([...held, ...waiting].map(({ ownerId }) => ownerId))]);
    const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
    const links = await this.links.ofRuns(waiting.map(({ id }) => id));
    const afterRuns = new Map(links.map(({ runId, afterRun }) => [runId, afterRun]));
    const parts = [runningTable(active, names), waitingTable(active, names, afterRuns)];
    if (active.line.situation.moreQueued) parts.push('More wait behind these.');
    return parts.filter((part) => part !== '').join('\n\n');
  }

  /** @param reason the owner reads it; '' for none. @throws StartupError when there is no such run, or it is over. */
  async cancel(runId: number, reason = ''): Promise<string> {
    const outcome = await this.store.requestCancel(runId, cancelNote(null, checkReason(reason)));
    await this.poke.pokeRunners();
    if (outcome === 'not_found') throw new StartupError(noSuchRun(runId), EXIT_DATA);
    if (outcome === 'already_final') throw new StartupError(`Run #${runId} had already ended.`, EXIT_DATA);
    if (outcome === 'cancelled') return text('queue.flashCancelled', { number: runId });
    const run = await this.runs.find(runId);
    return text(run?.state === 'unknown' ? 'queue.flashStopsWhenSeen' : 'queue.flashStopping', { number: runId });
  }

  /** @throws StartupError when there is no such run, or what became of it is known. */
  async declareLost(runId: number): Promise<string> {
    const run = await this.runs.find(runId);
    const outcome = run
      ? await this.store.declareLost(runId, text('queue.declaredLostFromShell', { evidence: run.note ?? '' }))
      : 'not_found';
    await this.poke.pokeRunners();
    if (outcome === 'not_found') throw new StartupError(noSuchRun(runId), EXIT_DATA);
    if (outcome === 'not_unknown') throw new StartupError(`Run #${runId} is not unknown; only such a run can be declared lost.`, EXIT_DATA);
    return text('queue.flashDeclaredLost', { number: runId });
  }

  /** @throws StartupError when there is no such run, or it does not wait. */
  async toFront(runId: number): Promise<string> {
    const outcome = await this.store.toFront(runId);
    await this.poke.pokeRunners();
    if (outcome === 'not_found') throw new StartupError(noSuchRun(runId), EXIT_DATA);
    if (outcome === 'not_waiting') throw new StartupError(`Run #${runId} does not wait.`, EXIT_DATA);
    const sentence = (await this.lines.read()).line.waitsAtFront(runId);
    return sentence === '' ? text('queue.flashMoved', { number: runId }) : text('queue.flashMovedInVain', { number: runId, sentence });
  }
}

function noSuchRun(runId: number): string {
  return `There is no run #${runId}. "node dist/admin queue" lists what runs and waits.`;
}

function runningTable({ held, line }: ActiveRuns, names: Map<string, string>): string {
  if (held.length === 0) return 'Nothing runs.';
  const { nowMs } = line.situation;
  const rows = held.map((run) => [
    `#${run.id}`,
    run.state,
    run.pipelineTitle,
    names.get(run.ownerId) ?? '',
    run.runnerName ?? '-',
    run.startedMs === null ? '-' : clockTime(run.startedMs, nowMs),
    run.engineNote ?? run.progressText ?? (run.progress === null ? '' : `${run.progress} %`),
  ]);
  return plainTable(['RUN', 'STATE', 'PIPELINE', 'PERSON', 'RUNNER', 'SINCE', 'PROGRESS'], rows);
}

function waitingTable({ waiting, line }: ActiveRuns, names: Map<string, string>, afterRuns: Map<number, number>): string {
  if (waiting.length === 0) return 'Nothing waits.';
  const rows = waiting.map((run) => [
    `#${run.id}`,
    run.state,
    run.pipelineTitle,
    names.get(run.ownerId) ?? '',
    whyItWaits(run, line, afterRuns.get(run.id)),
  ]);
  return plainTable(['RUN', 'STATE', 'PIPELINE', 'PERSON', 'WAITS FOR'], rows);
}

function whyItWaits(run: Run, line: WaitingLine, afterRun: number | undefined): string {
  const { nowMs } = line.situation;
  const waiting = line.of(run);
  if (!waiting && run.dueMs !== null) return `${noteInWords(run.note)}.`;
  if (!waiting && afterRun !== undefined) return text('chains.waitsFor', { number: afterRun });
  if (!waiting) return `Starts at ${clockTime(run.availableMs, nowMs)}.`;
  const { sentence, since, startsMs } = waiting;
  return [
    sentence,
    since ? `${since.words} ${clockTime(since.atMs, nowMs)}.` : '',
    startsMs === null ? '' : `${text('queue.expectedStart')} at about ${clockTime(startsMs, nowMs)}.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}
