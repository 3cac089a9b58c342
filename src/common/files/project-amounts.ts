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
  /** Until when it may be shown without measuring again, by `performance.now()`. */
  untilMs: number;
}

/** A page waits this long for a number that is not known yet. */
const PATIENCE_MS = 150;
/** A tree is measured again when this many times the duration of its measuring has passed. */
const REST = 20;
const MOST_REMEMBERED = 5000;

/**
 * How much lies in a project. Large ones take seconds to measure: a page shows the last number meanwhile, or none, and never waits long.
 */
@Injectable()
export class ProjectAmounts {
  private readonly logger = new Logger(ProjectAmounts.name);
  private readonly known = new Map<string, Measured>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly files: ProjectFiles,
    private readonly trees: TreeReader,
  ) {}

  /** @returns null while a large project is being measured for the first time. */
  async of(project: Pick<Project, 'id' | 'ownerId' | 'changedMs'>): Promise<Amount | null> {
    const known = this.known.get(project.id);
    if (known && known.changedMs === project.changedMs && performance.now() < known.untilMs) return known.amount;
    await Promise.race([this.measureOnce(project), sleep(PATIENCE_MS, undefined, { ref: false })]);
    return this.known.get(project.id)?.amount ?? null;
  }

  private measureOnce(project: Pick<Project, 'id' | 'ownerId' | 'changedMs'>): Promise<void> {
    const running = this.running.get(project.id);
    if (running) return running;
    const started = this.measure(project)
      .catch((error: unknown) => this.logger.warn(`project ${project.id} cannot be measured: ${(error as Error).message}`))
      .finally(() => this.running.delete(project.id));
    this.running.set(project.id, started);
    return started;
  }

  private async measure(project: Pick<Project, 'id' | 'ownerId' | 'changedMs'>): Promise<void> {
    const { id, changedMs } = project;
    const beganMs = performance.now();
    const amount = await this.files
      .of(project)
      .amount(this.trees)
      .catch((error: unknown) => {
        if (error instanceof NotFoundError) return { files: 0, bytes: 0 };
        throw error;
      });
    const endedMs = performance.now();
    this.known.delete(id);
    this.known.set(id, { amount, changedMs, untilMs: endedMs + REST * (endedMs - beganMs) });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_REMEMBERED) break;
      this.known.delete(oldest);
    }
  }
}
