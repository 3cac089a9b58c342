import type { Engine } from '../../../src/common/pipelines/runtime';
import type { Run } from '../../../src/common/queue/run.entity';
import type { Stage } from '../stage';

/** One way to do harm. It leaves everything running again, or sees to it that it soon does. */
export interface Trouble {
  name: string;
  /** How often it comes, beside the others. */
  weight: number;
  /** @returns false when there was nothing to harm just then. */
  act(): Promise<boolean>;
}

/** What the campaign needs of an engine: its services, how programs are started on it, what can go wrong with it. */
export abstract class EngineWorld {
  abstract readonly engine: Engine;
  /** Settings of runners that serve it. */
  readonly settings: Record<string, string> = {};
  /** Places of a runner: as many as the engine can bear on a small machine. */
  readonly places: number = 4;
  /** Outcomes after which the pipeline `flaky` asks for another attempt. */
  readonly retryOn: readonly string[] = ['failed'];

  /** The block of `pipeline.yaml` that says how programs are started. @param folder that programs must be able to write to. */
  block(_folder: string): Record<string, unknown> {
    return {};
  }

  /** Once, when the database is there. */
  begin(_stage: Stage): Promise<void> {
    return Promise.resolve();
  }

  /** What can go wrong with this engine, beside what can go wrong with every runner. */
  abstract troubles(stage: Stage): Trouble[];

  /** Ends all its programs at once, as a restart of the machine does. */
  abstract switchOff(stage: Stage): Promise<void>;

  /** Sees to it that everything of it runs. */
  restore(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * What runs of the programs of these runs, or waits to, in words; but for what belongs to a run that is shown as unknown, and, while there
   * is one, what cannot be told to belong to any, such as whatever keeps its log.
   */
  abstract survivors(stage: Stage, runs: readonly Run[]): Promise<string[]>;

  /** What it says of its programs and services, for whoever looks into what does not end. */
  explain(): Promise<string> {
    return Promise.resolve('');
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
