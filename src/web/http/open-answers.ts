import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import type { Server } from 'node:http';

const GRACE_MS = 10_000;
const LOOK_EVERY_MS = 50;

/**
 * Knows the answers that are under way, so that a stop is polite: event streams, which never end by themselves, are ended at once
 * (browsers come back by themselves), other answers get ten seconds to finish.
 */
@Injectable()
export class OpenAnswers implements BeforeApplicationShutdown {
  private readonly logger = new Logger(OpenAnswers.name);
  private readonly open = new Set<Response>();

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  readonly watch = (_request: Request, response: Response, next: NextFunction): void => {
    this.open.add(response);
    response.on('close', () => this.open.delete(response));
    next();
  };

  async beforeApplicationShutdown(): Promise<void> {
    const server = this.adapterHost.httpAdapter.getHttpServer() as Server;
    if (!server.listening) return;
    // No new requests from here on; Nest's own close() comes later and waits for what is left.
    server.close();
    server.closeIdleConnections();
    const deadline = Date.now() + GRACE_MS;
    while (this.open.size > 0 && Date.now() < deadline) {
      for (const response of this.open) if (isEventStream(response)) response.end();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    if (this.open.size > 0) this.logger.warn(`${this.open.size} unfinished answers were cut off.`);
    server.closeAllConnections();
  }
}

function isEventStream(response: Response): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
