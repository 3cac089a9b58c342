import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { RunnerProcess, RunnerWorld } from '../runner-world';
import { until } from '../until';
import { TestBrowser } from '../web-app';
import { parametersOf, pipelineOf, type Job } from './jobs';
import { insist } from './stage';

/** A real web process to which jobs are submitted by its form, and which may be killed at any moment. */
export class WebSeat {
  private process: RunnerProcess | null = null;
  private project = '';

  private constructor(
    private readonly browser: TestBrowser,
    private readonly spawn: () => RunnerProcess,
  ) {}

  static async open(world: RunnerWorld, home: string, environment: () => Record<string, string>): Promise<WebSeat> {
    const port = await freePort();
    const spawn = () => world.spawnProgram('web', home, { ...environment(), PORT: String(port) });
    const seat = new WebSeat(new TestBrowser(port), spawn);
    await seat.restore();
    await seat.browser.signUp('campaign@example.org');
    const { location } = await seat.browser.postForm('/projects', { name: 'Campaign' }, { page: '/projects' });
    seat.project = location ?? '';
    if (!seat.project.startsWith('/projects/')) throw new Error(`no project was made: ${location}`);
    return seat;
  }

  /** Goes on until the run's number is known, always with the same submission, as a person who presses the button again. */
  async submit(job: Job): Promise<number> {
    const submission = randomUUID();
    const values = Object.entries(parametersOf(job)).map(([name, value]): [string, string] => [`p.${name}`, value]);
    const page = `${this.project}/run/${pipelineOf(job)}`;
    return insist(async () => {
      this.revive();
      const answer = await this.browser.postForm(page, [['submission', submission], ...values], { page });
      const runId = /\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1];
      if (answer.status !== 303 || runId === undefined) throw new Error(`submission: ${answer.status} ${answer.body.slice(0, 500)}`);
      return Number(runId);
    });
  }

  /** Dies at once, whatever it is doing, and comes back. */
  async kill(): Promise<void> {
    await this.process?.end('SIGKILL');
    this.process = this.spawn();
  }

  async restore(): Promise<void> {
    this.revive();
    await until(() => this.answers(), 60_000).catch((error: Error) =>
      Promise.reject(new Error(`${error.message}\n${this.process?.output}`)),
    );
  }

  async close(): Promise<void> {
    await this.process?.end('SIGKILL');
  }

  /** As whatever watches over it would do. */
  private revive(): void {
    if (this.process?.isAlive) return;
    if (this.process?.output) process.stderr.write(`web: ${this.process.output.slice(-2000)}\n`);
    this.process = this.spawn();
  }

  private answers(): Promise<boolean> {
    return this.browser.get('/readyz').then(
      ({ status }) => status === 200,
      () => false,
    );
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
