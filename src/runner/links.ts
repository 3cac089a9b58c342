import { Injectable, Logger } from '@nestjs/common';
import { ChainInputs } from '../common/chains/chain-inputs';
import { RunLinksRepository } from '../common/chains/run-links.repository';
import { DomainError, UnavailableError } from '../common/errors';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { QueueStore, type DecidedLink } from '../common/queue/queue-store';
import { isFinal } from '../common/queue/run-state';
import { RunsRepository } from '../common/queue/runs.repository';
import { inDefaultLanguage } from '../locales/language';
import { storedText } from '../locales/text';

const SAID_AGAIN_MS = 60_000;
/** Runs that are walked through to find the one that began it. */
const MOST_STEPS = 100;

/**
 * Decides about runs that wait for another one which is over: with its results they are queued, without them they end. Any number of
 * runners may do so at the same time, and die in the middle of it: each decision is one step of the queue, which takes place once.
 */
@Injectable()
export class Links {
  private readonly logger = new Logger('Runner');
  private saidMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: QueueStore,
    private readonly links: RunLinksRepository,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly inputs: ChainInputs,
  ) {}

  /** Until nothing is left to decide: that one link ends may end the next. */
  async settle(): Promise<void> {
    await this.store.closeLinks();
    for (let links = await this.store.decidedLinks(); links.length > 0; links = await this.store.decidedLinks()) {
      let count = 0;
      for (const link of links) if (await this.decideIfPossible(link)) count += 1;
      // Somebody else is at it, or nothing can be done about them now.
      if (count === 0) return;
    }
  }

  /** A folder that cannot be read, or a disk that is away, keeps one run waiting and no other one. */
  private async decideIfPossible(link: DecidedLink): Promise<boolean> {
    try {
      return await this.decide(link);
    } catch (error) {
      if (error instanceof UnavailableError) throw error;
      if (performance.now() - this.saidMs >= SAID_AGAIN_MS) {
        this.saidMs = performance.now();
        this.logger.warn(`Run ${link.runId} cannot be started after run ${link.afterRun} now: ${String(error)}`);
      }
      return false;
    }
  }

  private async decide(link: DecidedLink): Promise<boolean> {
    const { runId, afterRun, afterState } = link;
    if (afterState === null) return this.store.stopLink(runId, storedText('chains.stoppedGone', { number: afterRun }));
    if (afterState !== 'succeeded')
      return this.store.stopLink(runId, storedText('chains.stoppedFailed', { number: await this.causeOf(afterRun) }));
    try {
      const parameters = await this.parametersOf(link);
      if (parameters === null) return await this.store.stopLink(runId, storedText('projects.deletedMeanwhile'));
      return await this.store.startLink(runId, parameters);
    } catch (error) {
      // A database that is away, or a disk, is no reason to end a run.
      if (!(error instanceof DomainError) || error instanceof UnavailableError) throw error;
      const reason = inDefaultLanguage(() => error.message);
      this.logger.warn(`Run ${runId} cannot start: ${reason}`);
      return this.store.stopLink(runId, storedText('chains.stoppedInputs', { number: afterRun, reason }));
    }
  }

  /** Of runs that were stopped one after the other, the one that did not succeed by itself. */
  private async causeOf(afterRun: number): Promise<number> {
    let cause = afterRun;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const [link] = await this.links.ofRuns([cause]);
      const before = link && (await this.runs.find(link.afterRun));
      if (!before || !isFinal(before.state) || before.state === 'succeeded') return cause;
      cause = before.id;
    }
    return cause;
  }

  private async parametersOf({ runId, afterRun }: DecidedLink): Promise<Record<string, unknown> | null> {
    const [run, details] = [await this.runs.find(runId), await this.runs.details(runId)];
    const project = run && (await this.projects.findById(run.projectId));
    return project && details ? this.inputs.resolve(project, afterRun, details.manifest, details.parameters) : null;
  }
}
