import { Injectable, Logger } from '@nestjs/common';
import type { Manifest } from '../common/pipelines/manifest';
import { RunsRepository } from '../common/queue/runs.repository';
import type { Run } from '../common/queue/run.entity';
import { Assignments, type Submission } from './assignments';
import type { Assignment, HeldProgram } from './executors/executor';
import { Executors } from './executors/executors';
import { InputNotes } from './input-notes';
import { Patience } from './patience';
import type { TrackedRun } from './tracked-runs';
import { WorkFolders } from './work-folders';

/** A run whose program is complete but held. */
export interface Prepared {
  assignment: Assignment;
  held: HeldProgram;
  manifest: Manifest;
  /** Takes away what was laid into its working folder, where nothing is going to start. Rejects never. */
  tidy(): Promise<void>;
}

/** Prepares the program of a claimed run, and writes down beside it what it is started with. */
@Injectable()
export class Preparation {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly executors: Executors,
    private readonly assignments: Assignments,
    private readonly inputs: InputNotes,
    private readonly runs: RunsRepository,
    private readonly workFolders: WorkFolders,
    private readonly patience: Patience,
  ) {}

  /** @throws what is wrong with the run (`PrepareError`, the errors of `common/errors`) or with this machine. */
  async prepare({ run, dropped }: TrackedRun): Promise<Prepared> {
    const submitted = this.patience.insist(() => this.assignments.read(run), dropped);
    const isOurs = () => this.patience.insist(() => this.runs.isUnder(run), dropped);
    const made = await this.assignments.make(run, submitted, isOurs);
    const submission = await submitted;
    const tidy = () => this.tidy(run, submission);
    try {
      const assignment = await this.workFolders.fill(run, submission, made, isOurs);
      // Nothing waits for either: a run whose command or inputs cannot be written down is still a run.
      void this.assignments.note(assignment).catch((error: unknown) => this.logger.warn(`Run ${run.id}: ${String(error)}`));
      void this.inputs.note(run, submission);
      const held = await this.executors.of(run.engine).prepare(assignment);
      return { assignment, held, manifest: submission.manifest, tidy };
    } catch (error) {
      await tidy();
      throw error;
    }
  }

  private async tidy(run: Run, { manifest, project }: Submission): Promise<void> {
    try {
      if (project) await this.workFolders.tidy(run, project, manifest);
    } catch (error) {
      this.logger.warn(`Run ${run.id}: its folder could not be tidied: ${String(error)}`);
    }
  }
}
