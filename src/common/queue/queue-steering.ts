import { Injectable } from '@nestjs/common';
import { storedText, text, type TextKey } from '../../locales/text';
import { InvalidInputError } from '../errors';
import { Poke } from './poke.service';
import type { Side } from './rank-moves';
import { QueueStore, type MoveOutcome } from './queue-store';
import { RunsRepository } from './runs.repository';
import type { Run } from './run.entity';

/** What an administrator does to runs. */
export const STEERINGS = ['front', 'back', 'hold', 'release', 'cancel'] as const;
export type Steering = (typeof STEERINGS)[number];

/** Who wants it so: a name, or null for the command line. */
export type By = string | null;

export interface Steered {
  /** Numbers of the runs to which it was done. */
  done: number[];
  /** The others, each with a sentence that says why not. */
  left: { runId: number; sentence: string }[];
}

export const LONGEST_REASON = 300;

const WHY_NOT: Record<Exclude<MoveOutcome, 'moved'>, TextKey> = {
  not_found: 'queue.noSuchRun',
  not_waiting: 'queue.flashNotWaiting',
  other_not_waiting: 'queue.otherNotWaiting',
  no_room: 'queue.noRoomInLine',
};

/** What administrators do to the queue, from pages and from the shell alike. Whoever asks twice, or too late, is told so and breaks nothing. */
@Injectable()
export class QueueSteering {
  constructor(
    private readonly store: QueueStore,
    private readonly runs: RunsRepository,
    private readonly poke: Poke,
  ) {}

  /**
   * Does the same to several runs. Of those that are moved the order among themselves stays.
   * @param reason for `cancel` and `hold`: the owner reads it; '' for none.
   */
  async steer(steering: Steering, runIds: readonly number[], by: By, reason = ''): Promise<Steered> {
    const why = checkReason(reason);
    const known = new Map((await this.runs.findByIds([...new Set(runIds)])).map((run) => [run.id, run]));
    const result: Steered = { done: [], left: [] };
    for (const runId of inOrder(steering, runIds, known)) {
      const fault = known.has(runId) ? await this.steerOne(steering, runId, by, why) : 'queue.noSuchRun';
      if (fault === null) result.done.push(runId);
      else result.left.push({ runId, sentence: text(fault, { number: runId }) });
    }
    void this.poke.pokeRunners();
    return result;
  }

  /** Puts a waiting run beside another. @returns null, or why it did not go. */
  async moveBeside(runId: number, otherId: number, side: Side): Promise<string | null> {
    const outcome = await this.store.moveBeside(runId, otherId, side);
    void this.poke.pokeRunners();
    return outcome === 'moved' ? null : text(WHY_NOT[outcome], { number: runId, other: otherId });
  }

  /** Nothing new starts from now on. @returns false where it was so already. */
  async holdAll(by: By, reason = ''): Promise<boolean> {
    return this.store.holdQueue(by ?? storedText('runners.fromShell'), checkReason(reason));
  }

  /** Undoes `holdAll`. */
  async letAllGo(): Promise<boolean> {
    const isChanged = await this.store.letQueueGo();
    void this.poke.pokeRunners();
    return isChanged;
  }

  private async steerOne(steering: Steering, runId: number, by: By, why: string): Promise<TextKey | null> {
    switch (steering) {
      case 'front':
      case 'back': {
        const outcome = steering === 'front' ? await this.store.toFront(runId) : await this.store.toBack(runId);
        return outcome === 'moved' ? null : WHY_NOT[outcome];
      }
      case 'hold': {
        const outcome = await this.store.hold(runId, by ?? storedText('runners.fromShell'), holdNote(by, why));
        return outcome === 'held' ? null : WHY_NOT[outcome];
      }
      case 'release': {
        const outcome = await this.store.letGo(runId);
        return outcome === 'let_go' ? null : outcome === 'not_held' ? 'queue.notOnHold' : WHY_NOT[outcome];
      }
      case 'cancel': {
        const outcome = await this.store.requestCancel(runId, cancelNote(by, why));
        return outcome === 'already_final' ? 'queue.flashAlreadyFinal' : outcome === 'not_found' ? 'queue.noSuchRun' : null;
      }
    }
  }
}

/** One line, whatever was pasted. @throws InvalidInputError for the field `reason` when it is too long. */
export function checkReason(entered: string): string {
  const reason = entered.replaceAll(/\s+/g, ' ').trim();
  if (reason.length > LONGEST_REASON) throw new InvalidInputError('queue.reasonTooLong', { most: LONGEST_REASON }, 'reason');
  return reason;
}

/** The sentence that stands with a run that was cancelled. */
export function cancelNote(by: By, reason: string): string {
  if (by === null) return reason === '' ? storedText('queue.cancelledFromShell') : storedText('queue.cancelledFromShellWhy', { reason });
  return reason === ''
    ? storedText('queue.cancelledByAdministrator', { name: by })
    : storedText('queue.cancelledByAdministratorWhy', { name: by, reason });
}

function holdNote(by: By, reason: string): string {
  const name = by ?? storedText('runners.fromShell');
  return reason === '' ? storedText('queue.heldBy', { name }) : storedText('queue.heldByWhy', { name, reason });
}

/** Each that goes to the front goes before those that went there a moment ago. */
function inOrder(steering: Steering, runIds: readonly number[], known: ReadonlyMap<number, Run>): number[] {
  const rankOf = (id: number) => known.get(id)?.rank ?? 0;
  const sorted = [...new Set(runIds)].sort((one, other) => rankOf(one) - rankOf(other) || one - other);
  return steering === 'front' ? sorted.reverse() : sorted;
}
