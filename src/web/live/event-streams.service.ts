import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiTokensRepository } from '../../common/api-tokens/api-tokens.repository';
import { TooManyRequestsError } from '../../common/errors';
import type { User } from '../../common/users/user.entity';
import { UsersRepository } from '../../common/users/users.repository';
import { EventStream } from './event-stream';

/** Pages take a stream that is silent for two and a half beats for dead. */
const BEAT_MS = 10_000;
const CHECK_MS = 60_000;
const TRY_AGAIN_SECONDS = 30;
/** Browsers open six connections to a host: a person who opens a stream in each tab must keep some for pages. */
const MOST_OF_ONE_PERSON = 4;
const MOST_OF_ALL = 1000;

interface Open {
  stream: EventStream;
  personId: string;
  close: () => void;
}

/** All open streams: how many one person may have, their signs of life, and their end (the reader's, the session's, the server's). */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  private readonly streams = new Set<Open>();
  private ending = false;
  /** How often the log-in is looked at again; tests are in a hurry. */
  checkEveryMs = CHECK_MS;

  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: ApiTokensRepository,
  ) {}

  /**
   * Starts a stream as the answer to a request, and watches over it.
   * @param start connects the stream to its news; what it returns disconnects it.
   * @param mayStill whether the person, as they are now, may go on hearing what they hear; asked from time to time.
   * @throws TooManyRequestsError when the person has enough open streams; browsers then look every few seconds instead.
   */
  async open(
    { request, response, person }: { request: Request; response: Response; person: User },
    start: (stream: EventStream) => Promise<() => void>,
    mayStill: (person: User) => Promise<boolean> = () => Promise.resolve(true),
  ): Promise<void> {
    const mine = [...this.streams].filter((open) => open.personId === person.id).length;
    if (this.ending || mine >= MOST_OF_ONE_PERSON || this.streams.size >= MOST_OF_ALL) {
      throw new TooManyRequestsError('queue.tooManyStreams', TRY_AGAIN_SECONDS);
    }
    const stream = new EventStream(response);
    const open: Open = { stream, personId: person.id, close: () => stream.close() };
    this.streams.add(open);
    const timers = [
      setInterval(() => stream.beat(), BEAT_MS).unref(),
      setInterval(() => void this.endWithRight(request, person, stream, mayStill), this.checkEveryMs).unref(),
    ];
    let disconnect: (() => void) | undefined;
    // The response tells of the end in every case; the request only of its own, which is long past.
    response.once('close', () => {
      for (const timer of timers) clearInterval(timer);
      this.streams.delete(open);
      disconnect?.();
      disconnect = undefined;
    });
    try {
      disconnect = await start(stream);
    } catch (error) {
      // An ordinary answer tells of it; nothing watches over that.
      for (const timer of timers) clearInterval(timer);
      this.streams.delete(open);
      throw error;
    }
    // Only now: whoever sees the head hears everything that happens from then on.
    stream.open();
    if (response.closed) disconnect();
  }

  /** A stream must not outlive the log-in that it was opened with, nor the person, nor the right to what it tells. */
  private async endWithRight(
    request: Request,
    person: User,
    stream: EventStream,
    mayStill: (person: User) => Promise<boolean>,
  ): Promise<void> {
    const isPerson = await this.users
      .findById(person.id)
      .then((found) => found !== null && mayStill(found))
      // A database that is away for a moment ends nothing.
      .catch(() => true);
    if (!isPerson || !(await this.isStillIn(request, person))) stream.close();
  }

  /** Whether what the stream was opened with still lets the person in: a session, or the token of a program. */
  private isStillIn(request: Request, person: User): Promise<boolean> {
    if (!request.token) return isStillTheirs(request, person);
    return this.tokens
      .findLive(request.token.tokenHash)
      .then((live) => live !== null)
      .catch(() => true);
  }

  /** How many streams are open, for the metrics. */
  count(): number {
    return this.streams.size;
  }

  /** Before Nest waits for open requests to end. */
  onModuleDestroy(): void {
    this.ending = true;
    for (const open of this.streams) open.close();
  }
}

/** What express-session says when its store has no such session. */
const SESSION_IS_GONE = 'failed to load session';

/** Whether the session that a stream was opened with still is this person's. A database that is away for a moment ends nothing. */
function isStillTheirs(request: Request, person: User): Promise<boolean> {
  return new Promise((resolve) => {
    request.session.reload((error?: Error) => {
      if (error) resolve(error.message !== SESSION_IS_GONE);
      else resolve(request.session.personId === person.id);
    });
  });
}
