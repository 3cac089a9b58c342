import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inspected } from './container-state';
import type { DockerEngine } from './docker-engine';

/** How long after its start an engine may still be putting in order what it finds. */
const RESTORING_MS = 60_000;
/** Clocks of file systems stand still between two ticks of the kernel. */
const TICK_MS = 20;
/** An engine first writes an end down and then announces it. */
const ANNOUNCED_WITHIN_MS = 2000;
const LOOK_MS = 200;

/**
 * Ends of which the engine knows only that they were. One that is killed between two steps of an end, after it had containerd forget the
 * container and before it wrote the end down, finds nothing when it comes back; it then writes exit status 0, at the time of its own
 * return, whatever the program had said (moby 20.10: `ec` of `restore` stays as it was declared). Nothing else looks like this: an end
 * that came before the return has the time at which it came, and one that came after it was announced.
 */
export class ForgottenEnds {
  constructor(private readonly docker: DockerEngine) {}

  /** Of an engine behind TCP it is not known when it returned; its word is taken. @throws DockerRefusal, DockerSilence. */
  async includes({ Id, State }: Inspected): Promise<boolean> {
    if (State.Status !== 'exited' || State.ExitCode !== 0) return false;
    const returnedMs = await this.returnedMs();
    if (returnedMs === null) return false;
    const afterMs = Date.parse(State.FinishedAt) - returnedMs;
    if (Date.parse(State.StartedAt) > returnedMs || afterMs < -TICK_MS || afterMs > RESTORING_MS) return false;
    return !(await this.wasAnnounced(Id, returnedMs));
  }

  /** When the engine made its socket and wrote down its number; systemd may have made the socket long before. */
  private async returnedMs(): Promise<number | null> {
    const { socketPath } = this.docker;
    if (socketPath === null) return null;
    const made = await Promise.all([socketPath, join(dirname(socketPath), 'docker.pid')].map(madeMs));
    return Math.max(...made) || null;
  }

  private async wasAnnounced(containerId: string, sinceMs: number): Promise<boolean> {
    const filters = JSON.stringify({ container: [containerId], event: ['die'] });
    for (const deadline = performance.now() + ANNOUNCED_WITHIN_MS; ; await sleep(LOOK_MS)) {
      const query = { since: seconds(sinceMs - TICK_MS), until: seconds(Date.now()), filters };
      if ((await this.docker.call('GET', '/events', { query })) !== null) return true;
      if (performance.now() >= deadline) return false;
    }
  }
}

/** 0 for what we may not see. */
function madeMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
