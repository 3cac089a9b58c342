import { Injectable } from '@nestjs/common';
import { RunLinksRepository } from '../../../common/chains/run-links.repository';
import { NEVER_MS } from '../../../common/database/never';
import { noteInWords } from '../../../common/queue/note-words';
import { levelOf } from '../../../common/queue/rank';
import { STEERINGS, type Steering } from '../../../common/queue/queue-steering';
import type { QueueHold } from '../../../common/queue/runners.repository';
import { isFinal, isHeld, type RunState } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import { UsersRepository } from '../../../common/users/users.repository';
import type { Since } from '../../../common/waiting/last-words';
import type { WaitingLine } from '../../../common/waiting/waiting-line';
import { WaitingLines } from '../../../common/waiting/waiting-lines.service';
import { text, type TextKey } from '../../../locales/text';
import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';
import { doubtInWords } from '../../queue/doubt-words';

/** Rows on one page: whoever wants another one searches for it. */
const MOST_SHOWN = 200;
const STEERING_WORDS: Record<Steering, TextKey> = {
  front: 'operations.steerFront',
  back: 'operations.steerBack',
  hold: 'operations.steerHold',
  release: 'operations.steerRelease',
  cancel: 'operations.steerCancel',
};

/** One run of the queue. */
export interface QueuedRow {
  id: number;
  pipeline: string;
  person: string;
  state: RunState;
  isOnHold: boolean;
  /** Why it waits, who holds it, or what it does. */
  sentence: string;
  since: Since | null;
  startsMs: number | null;
  /** Place in the line of all; null where it stands in none. */
  position: number | null;
  isPicked: boolean;
  /** Beside whom it goes with its buttons, as the form sends it; null where there is nobody of its person and pipeline. */
  up: { move: string; other: number } | null;
  down: { move: string; other: number } | null;
  mayMove: boolean;
}

/** What was sent and is shown again. */
export interface Entered {
  words?: string;
  picked?: readonly number[];
  reason?: string;
  steering?: string;
  why?: string;
  move?: { moved: string; side: string; other: string };
}

/** What `views/admin/queue.hbs` shows. */
export interface QueueAdminView {
  title: string;
  words: string;
  hold: QueueHold | null;
  steerings: { value: Steering; word: string; isChosen: boolean }[];
  reason: string;
  why: string;
  move: { moved: string; side: string; other: string };
  running: QueuedRow[];
  waiting: QueuedRow[];
  more: number;
}

/** The queue as an administrator puts it in order. */
@Injectable()
export class QueueAdminPage {
  constructor(
    private readonly lines: WaitingLines,
    private readonly users: UsersRepository,
    private readonly links: RunLinksRepository,
  ) {}

  async of(entered: Entered = {}): Promise<QueueAdminView> {
    const { held, waiting, line } = await this.lines.read();
    const all = [...held, ...waiting];
    const people = await this.users.findByIds([...new Set(all.map(({ ownerId }) => ownerId))]);
    const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
    const followed = new Map((await this.links.ofRuns(waiting.map(({ id }) => id))).map(({ runId, afterRun }) => [runId, afterRun]));
    const context = { line, names, followed, picked: new Set(entered.picked), neighbours: neighboursOf(waiting) };
    const words = (entered.words ?? '').slice(0, 100).trim();
    const rows = all.filter((run) => fits(run, names.get(run.ownerId) ?? '', words)).map((run) => rowOf(run, context));
    const shown = rows.slice(0, MOST_SHOWN);
    return {
      title: text('operations.queueTitle'),
      words,
      hold: line.situation.hold,
      steerings: STEERINGS.map((value) => ({ value, word: text(STEERING_WORDS[value]), isChosen: value === entered.steering })),
      reason: (entered.reason ?? '').slice(0, 1000),
      why: (entered.why ?? '').slice(0, 1000),
      move: entered.move ?? { moved: '', side: '', other: '' },
      running: shown.filter(({ state }) => isHeld(state)),
      waiting: shown.filter(({ state }) => !isHeld(state)),
      more: rows.length - shown.length,
    };
  }
}

interface Context {
  line: WaitingLine;
  names: ReadonlyMap<string, string>;
  /** Which run each waits for. */
  followed: ReadonlyMap<number, number>;
  picked: ReadonlySet<number>;
  neighbours: ReadonlyMap<number, { up: number | null; down: number | null }>;
}

function rowOf(run: Run, { line, names, followed, picked, neighbours }: Context): QueuedRow {
  const { id, ownerId, state } = run;
  const pipeline = titleInReadersWords(run);
  const waiting = line.of(run);
  const isOnHold = state === 'scheduled' && run.dueMs !== null;
  const after = state === 'scheduled' && !isOnHold ? followed.get(id) : undefined;
  const { up = null, down = null } = neighbours.get(id) ?? {};
  return {
    id,
    pipeline,
    person: names.get(ownerId) ?? '',
    state,
    isOnHold,
    sentence: waiting?.sentence ?? (after === undefined ? toldOf(run, isOnHold) : text('chains.waitsFor', { number: after })),
    since: waiting?.since ?? null,
    startsMs: waiting?.startsMs ?? (state === 'scheduled' && !isOnHold && run.availableMs < NEVER_MS ? run.availableMs : null),
    position: line.positionOf(run),
    isPicked: picked.has(id),
    up: up === null ? null : { move: `${id} before ${up}`, other: up },
    down: down === null ? null : { move: `${id} after ${down}`, other: down },
    mayMove: !isFinal(state) && !isHeld(state),
  };
}

/** Why it is on hold, or what its runner does. */
function toldOf(run: Run, isOnHold: boolean): string {
  return isOnHold || isHeld(run.state) ? doubtInWords(run) || noteInWords(run.note) || (run.runnerName ?? '') : '';
}

/** Who stands before and behind each queued run in the line of its person and pipeline. */
function neighboursOf(waiting: readonly Run[]): Map<number, { up: number | null; down: number | null }> {
  const lines = new Map<string, Run[]>();
  for (const run of waiting.filter(({ state }) => state === 'queued')) {
    const key = `${levelOf(run.rank)} ${run.ownerId} ${run.pipelineId}`;
    lines.set(key, [...(lines.get(key) ?? []), run]);
  }
  const found = new Map<number, { up: number | null; down: number | null }>();
  for (const line of lines.values()) {
    const sorted = line.sort((one, other) => one.rank - other.rank || one.id - other.id);
    for (const [index, { id }] of sorted.entries())
      found.set(id, { up: sorted[index - 1]?.id ?? null, down: sorted[index + 1]?.id ?? null });
  }
  return found;
}

function fits(run: Run, person: string, words: string): boolean {
  if (words === '') return true;
  const sought = words.toLowerCase();
  return (
    sought.replace('#', '') === String(run.id) ||
    [run.pipelineTitle, titleInReadersWords(run), person].some((name) => name.toLowerCase().includes(sought))
  );
}
