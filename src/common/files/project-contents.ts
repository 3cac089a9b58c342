import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { NotFoundError } from '../errors';
import type { Project } from '../projects/project.entity';
import { ProjectFiles } from './project-files';
import { TreeReader } from './threads/tree-reader';
import type { Amount } from './tree-walk';

interface Measured {
  amount: Amount;
  /** `changedMs` of the project when it was measured. */
  changedMs: number;
  /** How long measuring took, and until when it is not done again, by `performance.now()`. */
  tookMs: number;
  untilMs: number;
}

/** A page waits this long for a number that is not known yet; longer where it is sure to come, not at all where it is not. */
const PATIENCE_MS = 300;
const PATIENCE_WITH_SMALL_MS = 1000;
/** A tree is measured again when this many times the duration of its measuring has passed. */
const REST = 20;
const MOST_REMEMBERED = 5000;

/**
 * What lies in a project as a whole. Large ones take seconds to measure: a page shows the last number meanwhile, or none, and never waits
 * long.
 */
@Injectable()
export class ProjectContents {
  private readonly logger = new Logger(ProjectContents.name);
  private readonly known = new Map<string, Measured>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly files: ProjectFiles,
    private readonly trees: TreeReader,
  ) {}

  /** @returns null while a large project is being measured for the first time. */
  async amountOf(project: Pick<Project, 'id' | 'homeId' | 'changedMs'>): Promise<Amount | null> {
    const known = this.known.get(project.id);
    if (known && known.changedMs === project.changedMs && performance.now() < known.untilMs) return known.amount;
    await Promise.race([this.measureOnce(project), sleep(patienceWith(known), undefined, { ref: false })]);
    return this.known.get(project.id)?.amount ?? null;
  }

  /** Names of the first files of a project, results of runs left out; none when its folder is missing. */
  async fileNames(project: Pick<Project, 'id' | 'homeId'>, most: number): Promise<Buffer[]> {
    const [results] = this.files.resultsRoot();
    return orWhenMissing([], this.files.of(project).fileNames(this.trees, most, results));
  }

  private measureOnce(project: Pick<Project, 'id' | 'homeId' | 'changedMs'>): Promise<void> {
    const running = this.running.get(project.id);
    if (running) return running;
    const started = this.measure(project)
      .catch((error: unknown) => this.logger.warn(`project ${project.id} cannot be measured: ${(error as Error).message}`))
      .finally(() => this.running.delete(project.id));
    this.running.set(project.id, started);
    return started;
  }

  private async measure(project: Pick<Project, 'id' | 'homeId' | 'changedMs'>): Promise<void> {
    const { id, changedMs } = project;
    const beganMs = performance.now();
    const amount = await orWhenMissing({ files: 0, bytes: 0 }, this.files.of(project).amount(this.trees));
    const endedMs = performance.now();
    this.known.delete(id);
    const tookMs = endedMs - beganMs;
    this.known.set(id, { amount, changedMs, tookMs, untilMs: endedMs + REST * tookMs });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_REMEMBERED) break;
      this.known.delete(oldest);
    }
  }
}

function patienceWith(known: Measured | undefined): number {
  if (!known) return PATIENCE_MS;
  return known.tookMs < PATIENCE_MS ? PATIENCE_WITH_SMALL_MS : 0;
}

async function orWhenMissing<Result>(otherwise: Result, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotFoundError) return otherwise;
    throw error;
  }
}
