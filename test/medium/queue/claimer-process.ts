import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const HOME = resolve(__dirname, '../../..');

/** A further process that claims runs (see `claimer.ts`). */
export class ClaimerProcess {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly child: ChildProcess,
    readonly name: string,
  ) {
    this.lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  static async start(name: string, environment: Record<string, string>): Promise<ClaimerProcess> {
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--require', join(HOME, 'test/tools/load-typescript.cjs'), join(__dirname, 'claimer.ts'), name],
      { cwd: HOME, env: { PATH: process.env['PATH'], ...environment }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const claimer = new ClaimerProcess(child, name);
    await claimer.next();
    return claimer;
  }

  claim(places: number): Promise<number[]> {
    return this.ask(`claim ${places}`);
  }

  fill(): Promise<number[]> {
    return this.ask('fill');
  }

  finish(): Promise<number[]> {
    return this.ask('finish');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.stdin!.end();
    await ended;
  }

  private async ask(command: string): Promise<number[]> {
    this.child.stdin!.write(`${command}\n`);
    return JSON.parse(await this.next()) as number[];
  }

  private async next(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the claimer ${this.name} ended early`);
    return value;
  }
}
