import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { isFinal } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { Permissions } from '../http/access/permissions';
import { ChangeFeed } from './change-feed.service';
import type { EventStream } from './event-stream';
import { EventStreams } from './event-streams.service';

const NO_CONTENT = 204;

/** Streams that tell of one run each. */
@Injectable()
export class RunStreams {
  constructor(
    private readonly feed: ChangeFeed,
    private readonly streams: EventStreams,
    private readonly projects: ProjectsRepository,
    private readonly permissions: Permissions,
  ) {}

  /**
   * `run` events until it has ended, or until the person may not read it any more; 204 when it has ended, which tells an EventSource to
   * stop.
   */
  async open(run: Run, { request, response, person }: { request: Request; response: Response; person: User }): Promise<void> {
    if (isFinal(run.state)) return void response.status(NO_CONTENT).end();
    const start = async (stream: EventStream) => {
      stream.send('run', { id: run.id, state: run.state, progress: run.progress, progressText: run.progressText });
      // A moment may lie between the row that was read and now: what came since is told again.
      return this.feed.subscribe({ atMs: Date.now() }, (changes) => {
        const progress = changes.progress.find((row) => row.runId === run.id);
        const transition = changes.transitions.find((row) => row.runId === run.id);
        if (progress)
          stream.send('run', { id: run.id, state: progress.state, progress: progress.progress, progressText: progress.progressText });
        if (transition) stream.send('run', { id: run.id, state: transition.state, version: transition.eventId }, changes.upTo);
        if (transition && isFinal(transition.state)) stream.close();
      });
    };
    const mayStill = async (now: User) => {
      const project = await this.projects.findById(run.projectId);
      // Demo accounts, and programs that may not, are no administrators here, whatever their row says.
      const reader = Object.assign(now, { isAdmin: now.isAdmin && person.isAdmin });
      return this.permissions.allows('runReader', { person: reader, run, project });
    };
    await this.streams.open({ request, response, person }, start, mayStill);
  }
}
