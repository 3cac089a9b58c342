import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { dialectOf, NOW_MS } from '../database/dialect';
import type { Engine } from '../pipelines/runtime';
import type { Capacity } from './choose-runs';
import { wordsOf, type Row } from './run-row';
import { readHealth, type RunnerHealth } from './runner-health';
import { Runner } from './run.entity';
import type { RunnerMode } from './runner-mode';

/** A runner as it stands: what it has, whether it lives, and whether it takes anything. */
export interface RunnerStanding extends Capacity {
  host: string;
  mode: RunnerMode;
  /** Since when it has that mode; null: since its start. */
  modeMs: number | null;
  /** Who wanted it so, by name; null: not known. */
  modeBy: string | null;
  /** Why it takes nothing although its mode allows it. */
  trouble: string | null;
  /** It ended in good order. */
  stopped: boolean;
  /** Neither stopped nor silent for longer than RUNNER_STALE. */
  isAlive: boolean;
  beatMs: number;
  startedMs: number;
  /** How its machine does; null: it has not told. */
  health: RunnerHealth | null;
}

/** The whole queue on hold: what runs goes on, nothing new starts. */
export interface QueueHold {
  sinceMs: number;
  /** Who wanted it so, by name. */
  by: string;
  /** Why, as a sentence; '' where nobody has said. */
  note: string;
}

/** All runners, and the time by the clock that theirs are told by. */
export interface RunnersNow {
  nowMs: number;
  /** Null: the queue moves. */
  hold: QueueHold | null;
  runners: RunnerStanding[];
}

/** What pages and commands read of runners. Their rows are written by `QueueStore` alone. */
@Injectable()
export class RunnersRepository {
  private readonly select: string;

  constructor(@InjectRepository(Runner) private readonly runners: Repository<Runner>) {
    // A table of one row first, so that the time is there without any runner.
    const now = NOW_MS[dialectOf(runners.manager.connection.options)];
    this.select = `
      SELECT clock.now_ms, g.held_ms, g.held_by, g.held_note, r.health, r.name, r.host, r.boot_id, r.slots, r.remote_slots, r.cpu, r.memory, r.gpu_ids, r.engines, r.mode, r.mode_ms,
        r.mode_by, r.trouble,
        r.stopped, r.beat_ms, r.started_ms
      FROM (SELECT ${now} AS now_ms) clock LEFT JOIN gate g ON g.id = 1 LEFT JOIN runners r ON 1 = 1 ORDER BY r.name`;
  }

  /** Every runner that was ever seen, by name. @param staleSeconds silence after which a runner counts as dead. */
  async all(staleSeconds: number): Promise<RunnersNow> {
    const rows = await this.runners.query<Row[]>(this.select);
    const nowMs = Number(rows[0]?.['now_ms'] ?? Date.now());
    const known = rows.filter((row) => row['name'] !== null);
    return { nowMs, hold: holdOf(rows[0]), runners: known.map((row) => standing(row, nowMs - staleSeconds * 1000)) };
  }
}

function standing(row: Row, sinceMs: number): RunnerStanding {
  const stopped = Number(row['stopped']) === 1;
  const beatMs = Number(row['beat_ms']);
  return {
    name: row['name'] as string,
    host: row['host'] as string,
    bootId: row['boot_id'] as string,
    engines: wordsOf(row['engines'] as string) as Engine[],
    slots: Number(row['slots']),
    remoteSlots: Number(row['remote_slots']),
    cpu: Number(row['cpu']),
    memory: Number(row['memory']),
    gpuIds: wordsOf(row['gpu_ids'] as string),
    mode: row['mode'] as RunnerMode,
    modeMs: row['mode_ms'] === null ? null : Number(row['mode_ms']),
    modeBy: row['mode_by'] as string | null,
    trouble: row['trouble'] as string | null,
    stopped,
    isAlive: !stopped && beatMs >= sinceMs,
    beatMs,
    startedMs: Number(row['started_ms']),
    health: readHealth(row['health'] as string | null),
  };
}

function holdOf(row: Row | undefined): QueueHold | null {
  if (!row || row['held_ms'] === null) return null;
  return { sinceMs: Number(row['held_ms']), by: (row['held_by'] as string | null) ?? '', note: (row['held_note'] as string | null) ?? '' };
}
