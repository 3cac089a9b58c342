import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from '../common/config/app-config';
import { Child, describeEnd, type ChildEnd } from './child';
import type { Output, Speaker } from './output';
import { untilAnswering } from './readiness';

const STOP_WITHIN_MS = 15_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A child that lived this long had started well, and its next restart does not wait long. */
const LIVED_WELL_MS = 60_000;
/** Ctrl-C may arrive several times at once: from the terminal, from npm, from a wrapper. */
const SAME_CTRL_C_MS = 2_000;

type ServiceName = 'web' | 'runner' | 'cleaner';
const WORDS: Record<ServiceName, string[]> = { web: ['web.js'], runner: ['runner.js'], cleaner: ['cleaner.js', '--scheduled'] };

interface Service {
  child: Child;
  pauseMs: number;
  /** Ended on purpose, to be started again at once. */
  isRenewed: boolean;
}

/** Starts the processes of Showrunner one after the other, keeps them alive, and stops them together. */
export class Supervisor {
  private readonly services = new Map<ServiceName, Service>();
  private readonly pauses = new Set<() => void>();
  private passing: Child | null = null;
  private stopped: Promise<number> | null = null;
  private stopSince = 0;
  private finish: (status: number) => void = () => undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly output: Output,
  ) {}

  /**
   * @param welcome lines to print once the pages can be opened.
   * @returns the exit status: 0 after a stop that was asked for, else that of the process which could not start.
   */
  async run(welcome: readonly string[]): Promise<number> {
    const finished = new Promise<number>((resolve) => (this.finish = resolve));
    const failure = await this.begin(welcome);
    if (failure !== null && !this.isStopping) {
      await this.stop();
      return failure;
    }
    return this.isStopping ? this.stop() : finished;
  }

  private get isStopping(): boolean {
    return this.stopped !== null;
  }

  stopOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.onSignal());
  }

  /** Starts the running processes anew, with the code that is in `dist` now. */
  renew(): void {
    for (const service of this.services.values()) {
      service.isRenewed = true;
      void service.child.stop(STOP_WITHIN_MS);
    }
  }

  say(speaker: Speaker, line: string): void {
    this.output.say(speaker, line);
  }

  /** Null when everything runs, else the exit status of what could not start. */
  private async begin(welcome: readonly string[]): Promise<number | null> {
    const migrated = await this.once('migrate', [join(this.config.home, 'dist', 'migrate.js')]);
    if (migrated !== 0) return migrated;
    await this.makeSample();
    if (this.isStopping) return null;
    const web = this.start('web');
    if (!(await untilAnswering(this.config, () => web.isAlive && !this.isStopping))) {
      return this.isStopping ? null : ((await web.ended).status ?? 1);
    }
    this.keep('web', web);
    for (const name of ['runner', 'cleaner'] as const) this.keep(name, this.start(name));
    for (const line of welcome) this.say('quickstart', line);
    return null;
  }

  /** Runs a command to its end. */
  private async once(name: Speaker, words: readonly string[]): Promise<number> {
    this.passing = this.spawn(name, words);
    const { status } = await this.passing.ended;
    this.passing = null;
    return status ?? 1;
  }

  private async makeSample(): Promise<void> {
    const folder = join(this.config.settings.DATA_DIR, 'sample');
    const script = join(this.config.home, 'config', 'pipelines', 'nuclei', 'make-sample.mjs');
    const image = join(folder, 'tissue.tif');
    if (existsSync(image) || !existsSync(script) || !this.config.settings.SAMPLE_PROJECT || this.isStopping) return;
    mkdirSync(folder, { recursive: true });
    const status = await this.once('sample', [script, image]);
    if (status !== 0 && !this.isStopping) this.say('quickstart', 'The sample image could not be made; newcomers start without it.');
  }

  private start(name: ServiceName): Child {
    const [file = '', ...more] = WORDS[name];
    const child = this.spawn(name, [join(this.config.home, 'dist', file), ...more]);
    this.services.set(name, { child, pauseMs: this.services.get(name)?.pauseMs ?? FIRST_PAUSE_MS, isRenewed: false });
    return child;
  }

  private spawn(name: Speaker, words: readonly string[]): Child {
    const follow = join(this.config.home, 'dist', 'quickstart', 'follow-parent.js');
    return new Child({ name, words: ['--require', follow, ...words], environment: this.environment }, this.output);
  }

  /** Watches over a service for as long as we run. */
  private keep(name: ServiceName, child: Child): void {
    void child.ended.then((end) => this.onEnd(name, child, end));
  }

  private async onEnd(name: ServiceName, child: Child, end: ChildEnd): Promise<void> {
    const service = this.services.get(name);
    if (this.isStopping || service?.child !== child) return;
    if (name === 'runner' && end.status === 0 && !service.isRenewed) {
      this.say('quickstart', 'The runner was drained, so it has ended. Start Showrunner again and resume the runner to have it back.');
      return;
    }
    if (!service.isRenewed) await this.pauseBeforeRestart(name, service, end);
    if (!this.isStopping) this.keep(name, this.start(name));
  }

  private async pauseBeforeRestart(name: ServiceName, service: Service, end: ChildEnd): Promise<void> {
    const livedWell = performance.now() - service.child.startedMs > LIVED_WELL_MS;
    const pauseMs = livedWell ? FIRST_PAUSE_MS : service.pauseMs;
    this.say('quickstart', `${name} ended unexpectedly (${describeEnd(end)}); it is started again in ${pauseMs / 1000} s.`);
    service.pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    await this.pause(pauseMs);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.pauses.add(end);
    });
  }

  private onSignal(): void {
    if (!this.isStopping) {
      this.say('quickstart', 'Stopping.');
      void this.stop().then((status) => this.finish(status));
    } else if (performance.now() - this.stopSince > SAME_CTRL_C_MS) {
      for (const child of this.alive()) child.kill();
    }
  }

  /** Stops all at once and waits for them, a bounded time. Asked twice, it waits for the same end. */
  private stop(): Promise<number> {
    this.stopped ??= this.stopAll();
    return this.stopped;
  }

  private async stopAll(): Promise<number> {
    this.stopSince = performance.now();
    for (const end of this.pauses) end();
    await Promise.all(this.alive().map((child) => child.stop(STOP_WITHIN_MS)));
    return 0;
  }

  private alive(): Child[] {
    const children = [...this.services.values()].map((service) => service.child);
    return [...children, ...(this.passing ? [this.passing] : [])].filter((child) => child.isAlive);
  }
}
