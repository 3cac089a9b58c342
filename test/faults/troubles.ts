import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineWorld, Trouble } from './engines/engine-world';
import { blame, heldRuns, type Stage } from './stage';

const HOUR_S = 3600;

/** What the campaign can do to itself and hands to its troubles. */
export interface Powers {
  killDatabase: (() => Promise<void>) | null;
  /** All processes of the machine die, and it comes back under another boot id. */
  reboot: () => Promise<void>;
  /** Folder of a small disk that holds the control files of runs; null where none could be mounted. */
  smallDisk: string | null;
}

/** What can go wrong around every runner, whatever engine it serves. */
export function commonTroubles(stage: Stage, powers: Powers): Trouble[] {
  return [...runnerTroubles(stage), ...machineTroubles(stage, powers)];
}

function runnerTroubles(stage: Stage): Trouble[] {
  const { seats } = stage;
  const kill = async () => {
    const seat = seats.anyone();
    await seat?.process?.end('SIGKILL');
    return seat !== undefined;
  };
  const freeze = () => {
    const seat = seats.all.some(({ frozen }) => frozen) ? undefined : seats.anyone();
    if (seat) void seats.freeze(seat);
    return Promise.resolve(seat !== undefined);
  };
  const double = () => {
    const seat = seats.anyone();
    if (seat) seats.double(seat);
    return Promise.resolve(seat !== undefined);
  };
  return [
    { name: 'runner killed', weight: 6, act: kill },
    { name: 'runner frozen', weight: 3, act: freeze },
    { name: 'name of a runner taken', weight: 1.5, act: double },
  ];
}

function machineTroubles({ web, clock, random }: Stage, { killDatabase, reboot, smallDisk }: Powers): Trouble[] {
  const troubles: Trouble[] = [{ name: 'machine restarted', weight: 1, act: () => reboot().then(() => true) }];
  if (killDatabase) troubles.push({ name: 'database killed', weight: 2, act: () => killDatabase().then(() => true) });
  if (web) troubles.push({ name: 'web killed', weight: 2, act: () => web.kill().then(() => true) });
  if (clock) {
    const step = () => clock.stepTo(random.pick([-HOUR_S, -90, 0, 90, HOUR_S]));
    troubles.push({ name: 'clock stepped', weight: 1.5, act: () => Promise.resolve(step()).then(() => true) });
  }
  if (smallDisk) troubles.push({ name: 'disk full', weight: 1.5, act: () => fillDisk(smallDisk, random.between(500, 2500)) });
  return troubles;
}

/** Not a byte is free for a while. */
async function fillDisk(folder: string, forMs: number): Promise<boolean> {
  const ballast = join(folder, 'ballast');
  const piece = Buffer.alloc(1024 * 1024);
  try {
    for (let size = piece.length; size >= 1; size = Math.floor(size / 16)) writeUntilFull(ballast, piece.subarray(0, size));
    await sleep(forMs);
  } finally {
    rmSync(ballast, { force: true });
  }
  return true;
}

function writeUntilFull(path: string, piece: Buffer): void {
  for (;;) {
    try {
      writeFileSync(path, piece, { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

/** Everything that a machine takes with it when its power fails, but for what it has on its disks. */
export async function switchOff(stage: Stage, engine: EngineWorld): Promise<void> {
  // Before and after: what is started in between dies with the machine, too.
  const before = await heldRuns(stage);
  await engine.switchOff(stage);
  for (const { id } of [...before, ...(await heldRuns(stage))]) blame(stage, id, 'the machine was restarted');
}

/** One of them, the more likely the heavier. */
export function pickTrouble(stage: Stage, troubles: readonly Trouble[]): Trouble {
  let dice = stage.random.next() * troubles.reduce((sum, { weight }) => sum + weight, 0);
  return troubles.find(({ weight }) => (dice -= weight) < 0) ?? troubles[0];
}
