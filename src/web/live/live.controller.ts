import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { keepLanguage } from '../../locales/language';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentRun } from '../http/access/current';
import { stateWord } from '../views/elements';
import { ChangeFeed, type Changes, type From } from './change-feed.service';
import type { Progress, Transition } from './changes.repository';
import { EventStreams } from './event-streams.service';
import { RunStreams } from './run-streams';

/** What one person hears of a run: of other people's no more than the queue page shows. */
interface RunNews {
  id: number;
  state: string;
  version?: number;
  project?: string;
  progress?: number | null;
  say?: string;
}

/** Event streams. The news carry ids, states and versions; pages fetch themselves anew and so show only what they may. */
@Controller()
export class LiveController {
  constructor(
    private readonly feed: ChangeFeed,
    private readonly streams: EventStreams,
    private readonly runs: RunStreams,
  ) {}

  /** Everything that the person may see, as `news` events; see `src/browser/live.ts` for their use. */
  @Get('events')
  @Access('person')
  all(@CurrentPerson() person: User, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.streams.open({ request, response, person }, (stream) =>
      this.feed.subscribe(
        startOf(request),
        keepLanguage((changes) => {
          const news = newsFor(person, changes);
          if (news) stream.send('news', news, changes.upTo);
        }),
      ),
    );
  }

  /**
   * One run, as `run` events, until it has ended, or until the person may not read it any more; 204 when it has ended, which tells an
   * EventSource to stop.
   */
  @Get('runs/:run/events')
  @Access('runReader')
  one(@CurrentPerson() person: User, @CurrentRun() run: Run, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.runs.open(run, { request, response, person });
  }
}

function startOf(request: Request): From {
  const eventId = Number(request.headers['last-event-id']);
  if (Number.isSafeInteger(eventId) && eventId > 0) return { eventId };
  const since = Number(request.query['since']);
  return Number.isSafeInteger(since) && since > 0 ? { atMs: since } : {};
}

function newsFor(person: User, { transitions, progress, runners }: Changes): object | null {
  const moved = new Set(transitions.map((transition) => transition.runId));
  const runs = [
    ...transitions.map((transition) => transitionNews(person, transition)),
    ...progress.filter((row) => row.ownerId === person.id && !moved.has(row.runId)).map(progressNews),
  ];
  if (runs.length === 0 && !runners) return null;
  return { runs, ...(runners ? { runners } : {}) };
}

function transitionNews(person: User, { runId, state, eventId, ownerId, projectId }: Transition): RunNews {
  const news = { id: runId, state, version: eventId };
  if (ownerId !== person.id) return news;
  return { ...news, project: projectId, say: text('common.newsOfRun', { number: runId, state: stateWord(state) }) };
}

function progressNews({ runId, state, projectId, progress }: Progress): RunNews {
  return { id: runId, state, project: projectId, progress };
}
