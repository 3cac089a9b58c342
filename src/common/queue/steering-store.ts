import type { Dialect } from '../database/dialect';
import { levelOf, rankOfLevel, withinLevels } from './rank';
import { ranksBeside, type Side } from './rank-moves';
import { QueueStore, type FrontOutcome, type HoldOutcome, type LetGoOutcome, type MoveOutcome } from './queue-store';
import { clip, type Row } from './run-row';
import { ranksStatement, steeringSql } from './steering-sql';

export type Values = Record<string, string | number | null>;

const NOTE_LENGTH = 1000;
const HOLD_NOTE_LENGTH = 300;

/** The steps by which people decide what goes before what, and what starts at all; once for both databases. */
export abstract class SteeringStore extends QueueStore {
  private readonly steering: ReturnType<typeof steeringSql>;

  constructor(dialect: Dialect) {
    super();
    this.steering = steeringSql(dialect);
  }

  /** @returns how many rows the WHERE found, whether or not their values changed. */
  protected abstract write(statement: string, values: Values): Promise<number>;
  protected abstract read(statement: string, values: Values): Promise<Row[]>;

  async toFront(runId: number): Promise<FrontOutcome> {
    const [first] = await this.read(this.steering.toFrontRank, { runId });
    if (first) await this.write(this.steering.toFront, { runId, rank: rankBeside(Number(first['rank']), -1) });
    return this.moved(runId);
  }

  async toBack(runId: number): Promise<FrontOutcome> {
    const [last] = await this.read(this.steering.toBackRank, { runId });
    if (last) await this.write(this.steering.toBack, { runId, rank: rankBeside(Number(last['rank']), 1) });
    return this.moved(runId);
  }

  async moveBeside(runId: number, otherId: number, side: Side): Promise<MoveOutcome> {
    const [run] = await this.read(this.steering.placeOf, { runId });
    const [other] = await this.read(this.steering.placeOf, { runId: otherId });
    if (!run) return 'not_found';
    if (!isWaiting(run)) return 'not_waiting';
    if (other?.['state'] !== 'queued' || runId === otherId) return 'other_not_waiting';
    const ranks = await this.ranksFor(run, other, side);
    if (!ranks) return 'no_room';
    const values: Values = {};
    for (const [index, [id, rank]] of [...ranks].entries()) Object.assign(values, { [`id${index}`]: id, [`rank${index}`]: rank });
    await this.write(ranksStatement(ranks.size), values);
    return this.moved(runId);
  }

  async hold(runId: number, by: string, note: string): Promise<HoldOutcome> {
    await this.write(this.steering.hold, { runId, by: by.slice(0, 100), note: clip(note, NOTE_LENGTH) });
    if ((await this.read(this.steering.isOnHold, { runId })).length > 0) return 'held';
    return (await this.moved(runId)) === 'not_found' ? 'not_found' : 'not_waiting';
  }

  async letGo(runId: number): Promise<LetGoOutcome> {
    const changed = await this.write(this.steering.letGo, { runId });
    if ((await this.moved(runId)) === 'not_found') return 'not_found';
    return changed > 0 ? 'let_go' : 'not_held';
  }

  async holdQueue(by: string, note: string): Promise<boolean> {
    return (await this.write(this.steering.holdQueue, { by: by.slice(0, 100), note: clip(note, HOLD_NOTE_LENGTH) })) > 0;
  }

  async letQueueGo(): Promise<boolean> {
    return (await this.write(this.steering.letQueueGo, {})) > 0;
  }

  async removeRunner(name: string, staleSeconds: number): Promise<boolean> {
    return (await this.write(this.steering.removeRunner, { name, staleSeconds })) > 0;
  }

  private async ranksFor(run: Row, other: Row, side: Side): Promise<Map<number, number> | null> {
    const [runId, ownerId, pipelineId] = [Number(run['id']), String(run['owner_id']), String(run['pipeline_id'])];
    if (ownerId !== other['owner_id'] || pipelineId !== other['pipeline_id'])
      return new Map([[runId, rankBeside(Number(other['rank']), side === 'before' ? -1 : 1)]]);
    const line = (await this.read(this.steering.lineOf, { ownerId, pipelineId })).map(placedOf).filter(({ id }) => id !== runId);
    return ranksBeside(line, placedOf(run), Number(other['id']), side);
  }

  /** Claims decide anew, and open pages hear of it. */
  private async moved(runId: number): Promise<FrontOutcome> {
    await this.write(this.steering.moveGate, {});
    const [row] = await this.read(this.steering.placeOf, { runId });
    if (!row) return 'not_found';
    return isWaiting(row) ? 'moved' : 'not_waiting';
  }
}

function isWaiting(row: Row): boolean {
  return row['state'] === 'queued' || row['state'] === 'scheduled';
}

function placedOf(row: Row): { id: number; rank: number } {
  return { id: Number(row['id']), rank: Number(row['rank']) };
}

/** The middle of a level further on. */
function rankBeside(rank: number, levels: number): number {
  return rankOfLevel(withinLevels(levelOf(rank) + levels));
}
