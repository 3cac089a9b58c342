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

/** Numbers behind a name that is taken, and characters of it before them. */
const MOST_TRIES = 100;
const MOST_NAME = 190;

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
    await this.moves.requireThere(record);
    await this.addRow(record);
    await this.moves.clearWay(record, journal);
    await this.moves.bringHere(record);
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

  /** Projects that were taken over as a whole, and that nobody has deleted since. */
  async thatAreThere(journal: Journal): Promise<ProjectRecord[]> {
    const records = journal.projects().filter(({ id }) => journal.isDone(id));
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

  /** @returns why it cannot be undone; null when it was, or when there is nothing of it any more. */
  async undo(record: ProjectRecord, journal: Journal): Promise<string | null> {
    const isDeleted = (await this.projects.findById(record.id)) === null && (await this.moves.isGone(record));
    if (isDeleted) {
      journal.add({ what: 'project undone', id: record.id });
      return `${record.name} is gone, here and there: nothing is left to move back.`;
    }
    const why = await this.moves.whyNotBack(record);
    if (why !== null) return why;
    const runs = await this.runs.byProject(record.id, 10_000);
    const own = runs.filter(isOfHere).map(({ id }) => `#${id}`);
    if (own.length > 0) {
      const named = own.slice(0, 5).join(', ');
      return `${record.name} stays: it has runs that were asked for here (${named}). Delete them, or cancel those that wait, and undo again.`;
    }
    await this.moves.restoreResults(record, journal.resultsRun(record.id));
    await this.moves.bringBack(record);
    await this.moves.restoreName(record, journal.aside(record.id));
    for (const { id } of runs) await this.runs.forget(id);
    await this.projects.delete(record.id);
    journal.add({ what: 'project undone', id: record.id });
    this.steps.reached();
    return null;
  }

  private async addRow(record: ProjectRecord): Promise<void> {
    if (await this.projects.findById(record.id)) return;
    const { id, ownerId, name, createdMs, changedMs } = record;
    // Its owner may have made one of that name since the look, and to some databases names that differ in letters are the same.
    for (let number = 1; number <= MOST_TRIES; number += 1) {
      const free = number === 1 ? name : `${name.slice(0, MOST_NAME)} (${number})`;
      const outcome = await this.projects.add({ id, ownerId, homeId: ownerId, name: free, createdMs, changedMs, keepUntilMs: null });
      if (outcome === 'added') return this.steps.reached();
    }
    throw new StartupError(`${placeInWords(record)}: its owner has too many projects named “${name}”. Rename some, and go on.`, EXIT_DATA);
  }
}

/** What never started has left nothing. */
function isOfHere(run: Run): boolean {
  return !isTakenOver(run) && (run.finishedMs === null || run.starts > 0);
}

/** Of the runs that are over in a project, the one that ended last: what lies there is of it. */
export function latestOf(jobs: readonly EndedJob[]): EndedJob | null {
  const own = jobs.filter(({ state }) => state === 'succeeded' || state === 'partial');
  return own.reduce<EndedJob | null>((latest, job) => ((job.endedMs ?? 0) >= (latest?.endedMs ?? 0) ? job : latest), null);
}
