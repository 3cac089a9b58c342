import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import type { Pipeline } from '../../common/pipelines/manifest';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { isTakenOver } from '../../common/queue/taken-over';
import { Space } from '../../common/space/space';
import type { Journal, ProjectRecord } from './journal';
import type { EndedJob, ProjectPlan } from './plan';
import { placeInWords, ProjectMoves } from './project-moves';
import { RunTaking } from './run-taking';
import { Steps } from './steps';

/** Makes projects of folders, where they are, and folders of projects again. */
@Injectable()
export class ProjectTaking {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly moves: ProjectMoves,
    private readonly runTaking: RunTaking,
    private readonly runs: RunsRepository,
    private readonly space: Space,
    private readonly steps: Steps,
  ) {}

  /** Notes what is going to be done with a project; nothing is done yet. */
  begin(plan: ProjectPlan, ownerId: string, found: { root: string; latest: EndedJob | null }, journal: Journal): void {
    const { folder, name, inTheWay, results, resultsMs } = plan;
    const { inode, createdMs, changedMs } = folder;
    const there = { root: found.root, owner: folder.owner.toString('base64'), folder: folder.name.toString('base64') };
    journal.add({
      what: 'project',
      id: randomUUID(),
      ownerId,
      name,
      ...there,
      inode,
      createdMs,
      changedMs,
      inTheWay,
      results: results.map((one) => one.toString('base64')),
      resultsMs,
      resultsOf: found.latest?.key ?? null,
    });
    this.steps.reached();
  }

  /** Goes on wherever an earlier time ended. The row comes first: a folder without one might be tidied up. */
  async finish(record: ProjectRecord, from: { jobs: readonly EndedJob[]; pipeline: Pipeline | null }, journal: Journal): Promise<void> {
    await this.addRow(record);
    await this.moves.bringHere(record);
    await this.moves.clearWay(record, journal);
    if (record.results.length > 0) {
      const job = from.jobs.find(({ key }) => key === record.resultsOf);
      const runId =
        journal.resultsRun(record.id) ??
        (job ? await this.runTaking.addEnded(job, record) : await this.runTaking.addResults(record, from.pipeline));
      if (journal.resultsRun(record.id) === null) journal.add({ what: 'results', project: record.id, runId });
      this.steps.reached();
      await this.moves.moveResults(record, runId);
    }
    journal.add({ what: 'project done', id: record.id });
    this.steps.reached();
  }

  /** Projects that were taken over, and that nobody has deleted since. */
  async thatAreThere(journal: Journal): Promise<ProjectRecord[]> {
    const records = journal.projects();
    const there = await Promise.all(records.map(({ id }) => this.projects.findById(id)));
    return records.filter((_, index) => there[index] !== null);
  }

  /** Of people whose folders have changed. */
  async measure(journal: Journal): Promise<void> {
    for (const owner of journal.unmeasured()) {
      await this.space.measure(owner);
      journal.add({ what: 'measured', owner });
    }
  }

  /** @returns why it cannot be undone; null when it was. */
  async undo(record: ProjectRecord, journal: Journal): Promise<string | null> {
    const runs = await this.runs.byProject(record.id, 10_000);
    const own = runs.filter(isOfHere).map(({ id }) => `#${id}`);
    if (own.length > 0) {
      const named = own.slice(0, 5).join(', ');
      return `${record.name} stays: it has runs that were asked for here (${named}). Delete them, or cancel those that wait, and undo again.`;
    }
    const resultsRun = journal.resultsRun(record.id);
    await this.moves.restoreInside(record, resultsRun, journal.aside(record.id));
    await this.moves.bringBack(record);
    for (const { id } of runs) await this.runs.forget(id);
    await this.projects.delete(record.id);
    journal.add({ what: 'project undone', id: record.id });
    this.steps.reached();
    return null;
  }

  private async addRow(record: ProjectRecord): Promise<void> {
    if (await this.projects.findById(record.id)) return;
    const { id, ownerId, name, createdMs, changedMs } = record;
    const outcome = await this.projects.add({ id, ownerId, homeId: ownerId, name, createdMs, changedMs, keepUntilMs: null });
    if (outcome !== 'added') {
      throw new StartupError(
        `${placeInWords(record)}: its owner has a project named “${name}” since a moment ago. Rename that one, and go on.`,
        EXIT_DATA,
      );
    }
    this.steps.reached();
  }
}

/** What never started has left nothing. */
function isOfHere(run: Run): boolean {
  return !isTakenOver(run) && (run.finishedMs === null || run.starts > 0);
}

/** Of runs that are over in a project, the one that ended last: what lies there is of it. */
export function latestOf(jobs: readonly EndedJob[], place: string): EndedJob | null {
  const own = jobs.filter((job) => job.place === place && (job.state === 'succeeded' || job.state === 'partial'));
  return own.reduce<EndedJob | null>((latest, job) => ((job.endedMs ?? 0) >= (latest?.endedMs ?? 0) ? job : latest), null);
}
