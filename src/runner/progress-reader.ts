import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ProjectFiles } from '../common/files/project-files';
import { RunFolders } from '../common/files/run-folders';
import { SafeDirectory } from '../common/files/safe-directory';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { holding } from '../common/pipelines/conditions-hold';
import type { ParameterValues } from '../common/pipelines/manifest';
import { QueueStore } from '../common/queue/queue-store';
import { RunsRepository } from '../common/queue/runs.repository';
import { Patience } from './patience';
import { hasProgressFile, readProgressFile, removeProgressFile } from './progress-file';
import type { Progress } from './progress-pattern';
import { ProgressTracker } from './progress-tracker';
import { StepWatch } from './step-watch';
import type { TrackedRun, Work } from './tracked-runs';

const EVERY_MS = 1000;
const MOST_BYTES = 65_536;

/** What is known of one run that is looked at. */
interface Look {
  tracker: ProgressTracker | StepWatch | null;
  results: SafeDirectory | null;
  /** The byte of the log from which on lines are new. */
  from: number;
  told: string;
}

/** Finds out how far programs are: from a file that they may write, or from their log where the pipeline says how. */
@Injectable()
export class ProgressReader {
  private readonly logger = new Logger('Runner');
  private readonly looks = new WeakMap<TrackedRun, Look>();

  constructor(
    private readonly runFolders: RunFolders,
    private readonly store: QueueStore,
    private readonly projects: ProjectsRepository,
    private readonly projectFiles: ProjectFiles,
    private readonly runs: RunsRepository,
    private readonly patience: Patience,
  ) {}

  /** Looks once a second until `signal` fires, and once more at the end. Never fails: progress is a courtesy. */
  async follow(tracked: TrackedRun, { manifest }: Work, signal: AbortSignal): Promise<void> {
    const rule = manifest.progress;
    const look: Look = { tracker: rule ? new ProgressTracker(rule, tracked.run.progress) : null, results: null, from: 0, told: '' };
    this.looks.set(tracked, look);
    if (!rule && manifest.steps) void this.watchSteps(tracked, manifest, look);
    tracked.lastLook = () => this.finish(tracked);
    // Beside the program, so that the end of a short one does not wait for it.
    void this.resultsOf(tracked).catch(() => undefined);
    while (!signal.aborted) {
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.look(tracked);
    }
  }

  /** Which steps are ticked is known by what was entered. */
  private async watchSteps({ run, dropped }: TrackedRun, manifest: Work['manifest'], look: Look): Promise<void> {
    try {
      const details = await this.patience.insist(() => this.runs.details(run.id), dropped);
      const held = holding(manifest.steps ?? [], manifest, (details?.parameters ?? {}) as ParameterValues);
      look.tracker = new StepWatch((manifest.steps ?? []).filter((step) => held.has(step)));
    } catch (error) {
      if (!dropped.aborted) this.logger.debug(`The steps of run ${run.id} are not followed: ${String(error)}`);
    }
  }

  /** The last words of a program often tell what it found. Then its file goes. */
  private async finish(tracked: TrackedRun): Promise<void> {
    tracked.lastLook = null;
    await this.look(tracked);
    try {
      await this.removeFile(tracked);
    } catch (error) {
      if (!tracked.dropped.aborted) this.logger.warn(`Run ${tracked.run.id}: ${String(error)}`);
    }
  }

  /**
   * Not in the folder of a later attempt, which somebody else may have started meanwhile: each has a folder of its own, and what was open
   * before the run was found to be ours is not that of a later one.
   */
  private async removeFile(tracked: TrackedRun): Promise<void> {
    const { run, dropped } = tracked;
    const results = await this.resultsOf(tracked);
    if (!results || !(await hasProgressFile(results))) return;
    const folder = await results.openFolder([]);
    try {
      const isOurs = await this.patience.insist(() => this.runs.isUnder(run), dropped);
      if (isOurs) await removeProgressFile(SafeDirectory.ofHandle(folder.fd));
    } finally {
      await folder.close();
    }
  }

  private async look(tracked: TrackedRun): Promise<void> {
    const look = this.looks.get(tracked);
    if (!look) return;
    try {
      const progress = (await this.readFile(tracked)) ?? (await this.readLog(tracked, look));
      const telling = JSON.stringify(progress);
      if (!progress || telling === look.told) return;
      await this.store.reportProgress(tracked.lease, progress.percent, progress.text);
      look.told = telling;
    } catch (error) {
      this.complain(tracked, look, error);
    }
  }

  private complain({ run }: TrackedRun, look: Look, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      this.logger.debug(`No progress of run ${run.id}: ${String(error)}`);
      return;
    }
    this.logger.warn(`The progress pattern of ${run.pipelineId} takes too long; run ${run.id} shows no progress.`);
    look.tracker = null;
  }

  private async readFile(tracked: TrackedRun): Promise<Progress | null> {
    const results = await this.resultsOf(tracked);
    return results && readProgressFile(results);
  }

  private async resultsOf(tracked: TrackedRun): Promise<SafeDirectory | null> {
    const look = this.looks.get(tracked);
    if (look?.results) return look.results;
    const project = await this.projects.findById(tracked.run.projectId);
    const results = project && this.projectFiles.of(project).inside(this.projectFiles.resultsPath(tracked.run.id));
    if (look) look.results = results;
    return results;
  }

  /** Whole lines since the last look; of a flood only its end. A carriage return ends a line too: that is how progress bars are drawn. */
  private async readLog({ run: { id, attempt } }: TrackedRun, look: Look): Promise<Progress | null> {
    if (!look.tracker) return null;
    const size = await this.runFolders.logSize(id, attempt);
    const piece = await this.runFolders.readLog(id, attempt, Math.max(look.from, size - MOST_BYTES), MOST_BYTES);
    const end = Math.max(piece.bytes.lastIndexOf(0x0a), piece.bytes.lastIndexOf(0x0d)) + 1;
    look.from = piece.from + end;
    const lines = piece.bytes
      .subarray(0, end)
      .toString('utf8')
      .split(/[\r\n]+/)
      .filter(Boolean);
    return lines.length === 0 ? null : look.tracker.read(lines);
  }
}
