import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import type { Metric, Sample } from './exposition';

/** Seconds. */
const BOUNDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

interface Times {
  /** As many as each bound holds, without those of the bounds below. */
  within: number[];
  count: number;
  sum: number;
}

/** Counts the requests of this process by the template of their route, never by their path, which has no end of values. */
@Injectable()
export class HttpMetrics {
  private readonly requests = new Map<string, { labels: Record<string, string>; count: number }>();
  private readonly times = new Map<string, Times>();
  private readonly counted = new WeakMap<Socket, { received: number; sent: number }>();
  private received = 0;
  private sent = 0;

  readonly watch = (request: Request, response: Response, next: NextFunction): void => {
    const begin = performance.now();
    response.on('close', () => {
      this.countBytes(request.socket);
      const route = routeOf(request);
      this.count({ method: request.method, route, status: response.writableFinished ? String(response.statusCode) : 'aborted' });
      // A stream takes as long as its page is open, which says nothing of us.
      if (!isStream(response)) this.time(route, (performance.now() - begin) / 1000);
    });
    next();
  };

  metrics(): Metric[] {
    return [
      {
        name: 'showrunner_http_requests_total',
        type: 'counter',
        help: 'Answered requests by method, route and status.',
        samples: [...this.requests.values()].map(({ labels, count }) => ({ labels, value: count })),
      },
      {
        name: 'showrunner_http_request_seconds',
        type: 'histogram',
        help: 'Time from the head of a request to the end of its answer, event streams excepted.',
        samples: [...this.times].flatMap(([route, times]) => samplesOf(route, times)),
      },
      {
        name: 'showrunner_http_received_bytes_total',
        type: 'counter',
        help: 'Bytes of requests, uploads included.',
        samples: [{ value: this.received }],
      },
      { name: 'showrunner_http_sent_bytes_total', type: 'counter', help: 'Bytes of answers.', samples: [{ value: this.sent }] },
    ];
  }

  /** What came since the last request of the connection: a small one is read together with its head, before anybody can look. */
  private countBytes(socket: Socket): void {
    const { received, sent } = this.counted.get(socket) ?? { received: 0, sent: 0 };
    this.counted.set(socket, { received: socket.bytesRead, sent: socket.bytesWritten });
    this.received += socket.bytesRead - received;
    this.sent += socket.bytesWritten - sent;
  }

  private count(labels: Record<string, string>): void {
    const key = Object.values(labels).join(' ');
    const known = this.requests.get(key) ?? { labels, count: 0 };
    this.requests.set(key, { ...known, count: known.count + 1 });
  }

  private time(route: string, seconds: number): void {
    const times = this.times.get(route) ?? { within: BOUNDS.map(() => 0), count: 0, sum: 0 };
    const bound = BOUNDS.findIndex((most) => seconds <= most);
    if (bound !== -1) times.within[bound] += 1;
    times.count += 1;
    times.sum += seconds;
    this.times.set(route, times);
  }
}

/** What no handler answers (assets, unknown addresses) is one route, and a strange method one method. */
function routeOf(request: Request): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : 'other';
}

function isStream(response: Response): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}

function samplesOf(route: string, { within, count, sum }: Times): Sample[] {
  let so = 0;
  const buckets = BOUNDS.map((bound, index) => ({ suffix: '_bucket', labels: { route, le: String(bound) }, value: (so += within[index]) }));
  return [
    ...buckets,
    { suffix: '_bucket', labels: { route, le: '+Inf' }, value: count },
    { suffix: '_sum', labels: { route }, value: sum },
    { suffix: '_count', labels: { route }, value: count },
  ];
}
