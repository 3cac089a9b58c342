import { Injectable, Logger } from '@nestjs/common';
import { ChainInputs } from '../common/chains/chain-inputs';
import { RunLinksRepository } from '../common/chains/run-links.repository';
import { InvalidInputError, LimitError, UnavailableError } from '../common/errors';
import { ProjectsRepository } from '../common/projects/projects.repository';
import { MOST_DECIDED } from '../common/queue/link-sql';
import { QueueStore, type DecidedLink } from '../common/queue/queue-store';
import { isFinal } from '../common/queue/run-state';
import { RunsRepository } from '../common/queue/runs.repository';
import { inDefaultLanguage } from '../locales/language';
import { storedText } from '../locales/text';
import { HeldUpLinks } from './held-up-links';

const SAID_AGAIN_MS = 60_000;
/** Runs that are walked through to find the one that began it. */
const MOST_STEPS = 100;
/** Time in which the results of a run are looked through; a disk that takes longer hangs. */
const FILES_WITHIN_MS = 60_000;
/** Folders that hang at the same time; each may keep a thread that other files need. */
const MOST_HANGING = 2;

/**
 * Decides about runs that wait for another one which is over: with its results they are queued, without them they end. Any number of
 * runners may do so at the same time, and die in the middle of it: each decision is one step of the queue, which takes place once.
 */
@Injectable()
export class Links {
  private readonly logger = new Logger('Runner');
  private readonly heldUp = new HeldUpLinks();
  private saidMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: QueueStore,
    private readonly links: RunLinksRepository,
    private readonly runs: RunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly inputs: ChainInputs,
  ) {}

  /**
   * Until nothing is left to decide: that one link ends may end the next.
   * @returns whether it decided anything.
   */
  async settle(mayGoOn: () => boolean): Promise<boolean> {
    await this.store.closeLinks();
    let isAny = false;
    while (mayGoOn() && (await this.settleOnce(mayGoOn))) isAny = true;
    return isAny;
  }

  /** All that are decided, also behind those about which nothing can be done now. */
  private async settleOnce(mayGoOn: () => boolean): Promise<boolean> {
    const seen = new Set<number>();
    let isAny = false;
    let above = 0;
    let links: DecidedLink[];
    do {
      links = await this.store.decidedLinks(above);
      for (const link of links) {
        if (!mayGoOn()) return isAny;
        above = link.runId;
        seen.add(above);
        if (await this.decideIfPossible(link)) isAny = true;
      }
    } while (links.length === MOST_DECIDED);
    this.heldUp.keepOnly(seen);
    return isAny;
  }

  /** A folder that cannot be read, or a disk that is away, keeps one run waiting and no other one. */
  private async decideIfPossible(link: DecidedLink): Promise<boolean> {
    if (!this.heldUp.mayTry(link.runId, performance.now())) return false;
    try {
      return await this.decide(link);
    } catch (error) {
      this.heldUp.fail(link.runId, performance.now());
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
      // Only what the values themselves are to blame for ends a run: a database, a disk or a permission may come back.
      if (!(error instanceof InvalidInputError || error instanceof LimitError)) throw error;
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
    if (!project || !details) return null;
    const late = () => new UnavailableError('chains.filesLate', { number: afterRun });
    if (this.heldUp.hanging >= MOST_HANGING) throw late();
    const resolving = this.inputs.resolve(project, afterRun, details.manifest, details.parameters);
    return this.heldUp.within(runId, FILES_WITHIN_MS, resolving, late);
  }
}
