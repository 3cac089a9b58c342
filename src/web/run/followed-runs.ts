import { Injectable } from '@nestjs/common';
import { RunLinksRepository } from '../../common/chains/run-links.repository';
import { DomainError, InvalidInputError } from '../../common/errors';
import type { OutputRule } from '../../common/pipelines/manifest';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { isFinal } from '../../common/queue/run-state';
import { RunsRepository } from '../../common/queue/runs.repository';
import { runNumberIn } from '../http/ids';

/** A run that another one is to follow. */
export interface FollowedRun {
  number: number;
  title: string;
  /** Whether it has succeeded already. */
  isOver: boolean;
  /** What its pipeline says that it gives. */
  outputs: readonly OutputRule[];
}

/** Says which runs of a project others may follow. */
@Injectable()
export class FollowedRuns {
  constructor(
    private readonly runs: RunsRepository,
    private readonly links: RunLinksRepository,
  ) {}

  /**
   * @param asked number of a run, as it stands in an address, a form or an order.
   * @returns null where none is asked for.
   * @throws InvalidInputError where there is no such run in the project, or it has ended otherwise than well.
   */
  async of({ id: projectId }: Pick<Project, 'id'>, asked: unknown): Promise<FollowedRun | null> {
    if (asked === undefined || asked === null || asked === '') return null;
    const number = runNumberIn(typeof asked === 'number' ? String(asked) : asked);
    const run = number === null ? null : await this.runs.find(number);
    // Of runs elsewhere not even that they are there is told.
    if (run?.projectId !== projectId) throw new InvalidInputError('chains.noSuchRun', { number: shown(asked) }, 'afterRun');
    const isOver = isFinal(run.state);
    if (isOver && run.state !== 'succeeded') throw new InvalidInputError('chains.notSucceeded', { number: run.id }, 'afterRun');
    const outputs = (await this.runs.details(run.id))?.manifest['outputs'];
    return { number: run.id, title: titleInReadersWords(run), isOver, outputs: (outputs as OutputRule[] | undefined) ?? [] };
  }

  /** As `of`, but null for what cannot be followed. */
  async ifAny(project: Pick<Project, 'id'>, asked: unknown): Promise<FollowedRun | null> {
    try {
      return await this.of(project, asked);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }

  /**
   * What a run was to follow that has never started: asked for once more, it waits for the same one.
   * @returns null for a run that was to follow none.
   * @throws InvalidInputError as `of`.
   */
  async sameAs(project: Pick<Project, 'id'>, earlier: unknown): Promise<FollowedRun | null> {
    const run = await this.runs.find(runNumberIn(earlier) ?? 0);
    const [link] = run && run.attempt === 0 ? await this.links.ofRuns([run.id]) : [];
    return link ? this.of(project, link.afterRun) : null;
  }
}

function shown(asked: unknown): string {
  return typeof asked === 'string' || typeof asked === 'number' ? String(asked).slice(0, 12) : '';
}
