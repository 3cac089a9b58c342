import { Injectable } from '@nestjs/common';
import { Memberships } from '../../common/members/memberships';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository, type Cursor } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { moment } from './records';

const PAGE = 500;

/** Writes down what somebody asked for. */
@Injectable()
export class RunRecordsOfPerson {
  constructor(
    private readonly runs: RunsRepository,
    private readonly details: ProjectRunsRepository,
    private readonly projects: ProjectsRepository,
    private readonly memberships: Memberships,
  ) {}

  /** Those that are not over first, then the others from the latest on. */
  async *of(person: User): AsyncGenerator<object[]> {
    const ownerId = person.id;
    yield await this.withParameters(person, await this.runs.liveOfOwner(ownerId));
    for (let after: Cursor | null = null; ;) {
      const page: Awaited<ReturnType<RunsRepository['listFinished']>> = await this.runs.listFinished({ ownerId, after, limit: PAGE });
      yield await this.withParameters(person, page.runs);
      if (!page.next) return;
      after = page.next;
    }
  }

  private async withParameters(person: User, runs: readonly Run[]): Promise<object[]> {
    const parameters = await this.details.parametersOf(runs.map(({ id }) => id));
    const closed = await this.closedTo(person, runs);
    return runs.map((run) => ({ ...runRecord(run, closed.has(run.projectId)), parameters: parameters.get(run.id) ?? {} }));
  }

  /** Projects of others that the person was taken out of. */
  private async closedTo(person: User, runs: readonly Run[]): Promise<Set<string>> {
    const projects = await this.projects.findByIds([...new Set(runs.map(({ projectId }) => projectId))]);
    const ofOthers = projects.filter(({ ownerId }) => ownerId !== person.id);
    const roles = await this.memberships.rolesAmong(person, ofOthers);
    return new Set(ofOthers.map(({ id }) => id).filter((id) => !roles.has(id)));
  }
}

/** @param isClosed the person sees no more of it than the queue shows to everybody, and what they asked for. */
function runRecord(run: Run, isClosed: boolean): object {
  const { id, projectId, pipelineId, pipelineTitle, state, note, exitCode, attempt, keep } = run;
  return {
    number: id,
    project: projectId,
    pipeline: pipelineId,
    title: pipelineTitle,
    state,
    note: isClosed ? null : note,
    exitStatus: isClosed ? null : exitCode,
    attempt,
    isKept: keep,
    askedFor: moment(run.requestedMs),
    started: moment(run.startedMs),
    ended: moment(run.finishedMs),
  };
}
