import { Injectable, Logger } from '@nestjs/common';
import { storedText } from '../locales/text';
import { ChainInputs } from '../common/chains/chain-inputs';
import { DomainError } from '../common/errors';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { QueueStore, type DecidedLink } from '../common/queue/queue-store';
import { RunsRepository } from '../common/queue/runs.repository';
import { inDefaultLanguage } from '../locales/language';

/**
 * Decides about runs that wait for another one which is over: with its results they are queued, without them they end. Any number of
 * runners may do so at the same time, and die in the middle of it: each decision is one step of the queue, which takes place once.
 */
@Injectable()
export class Links {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly store: QueueStore,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly inputs: ChainInputs,
  ) {}

  /** Until nothing is left to decide: that one link ends may end the next. */
  async settle(): Promise<void> {
    await this.store.closeLinks();
    for (let links = await this.store.decidedLinks(); links.length > 0; links = await this.store.decidedLinks()) {
      let count = 0;
      for (const link of links) if (await this.decide(link)) count += 1;
      // Somebody else is at it, or nothing can be done about them now.
      if (count === 0) return;
    }
  }

  private async decide(link: DecidedLink): Promise<boolean> {
    const { runId, afterRun: number, afterState } = link;
    if (afterState === null) return this.store.stopLink(runId, storedText('chains.stoppedGone', { number }));
    if (afterState !== 'succeeded') return this.store.stopLink(runId, storedText('chains.stoppedFailed', { number }));
    try {
      const parameters = await this.parametersOf(link);
      return parameters === null ? await this.store.stopLink(runId, storedText('projects.deletedMeanwhile')) : await this.store.startLink(runId, parameters);
    } catch (error) {
      // A database that is away, or a disk, is no reason to end a run.
      if (!(error instanceof DomainError)) throw error;
      const reason = inDefaultLanguage(() => error.message);
      this.logger.warn(`Run ${runId} cannot start: ${reason}`);
      return this.store.stopLink(runId, storedText('chains.stoppedInputs', { number, reason }));
    }
  }

  private async parametersOf({ runId, afterRun }: DecidedLink): Promise<Record<string, unknown> | null> {
    const [run, details] = [await this.runs.find(runId), await this.runs.details(runId)];
    const project = run && (await this.projects.findById(run.projectId));
    return project && details ? this.inputs.resolve(project, afterRun, details.parameters) : null;
  }
}
