import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Output, Speaker } from './output';

/** How a child ended. */
export interface ChildEnd {
  status: number | null;
  signal: NodeJS.Signals | null;
}

export interface ChildPlan {
  name: Speaker;
  /** Words after the Node binary. */
  words: readonly string[];
  environment: NodeJS.ProcessEnv;
}

/**
 * One process of ours. It leads its own process group, so that Ctrl-C in the terminal reaches quickstart alone, which then stops the
 * children in order; and it holds a pipe to us, by whose end it notices that we were killed.
 */
export class Child {
  readonly startedMs = performance.now();
  /** Resolves when the process is gone and all that it wrote is out; never rejects. */
  readonly ended: Promise<ChildEnd>;
  private readonly process: ChildProcess;

  constructor(plan: ChildPlan, output: Output) {
    const environment = { ...plan.environment };
    // Colours are for terminals, and the children write into a pipe.
    delete environment['FORCE_COLOR'];
    this.process = spawn(process.execPath, [...plan.words], { env: environment, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      const lines = output.linesOf(plan.name);
      stream?.on('data', (piece: Buffer) => lines.add(piece));
      stream?.on('end', () => lines.end());
    }
    this.ended = this.untilEnded(plan.name, output);
  }

  get isAlive(): boolean {
    return this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Asks it to end; after `patienceMs` it is killed. */
  async stop(patienceMs: number): Promise<void> {
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.process.kill('SIGKILL');
  }

  private async untilEnded(name: Speaker, output: Output): Promise<ChildEnd> {
    try {
      const [status, signal] = (await once(this.process, 'close')) as [number | null, NodeJS.Signals | null];
      return { status, signal };
    } catch (error) {
      output.say(name, `Cannot start ${process.execPath}: ${(error as Error).message}`);
      return { status: 1, signal: null };
    }
  }
}

/** "exit status 1" or "signal SIGKILL". */
export function describeEnd({ status, signal }: ChildEnd): string {
  return signal === null ? `exit status ${status ?? 'unknown'}` : `signal ${signal}`;
}
