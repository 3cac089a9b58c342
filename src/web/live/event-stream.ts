import type { Response } from 'express';

const AGAIN_MS = 3000;
/** A reader who does not read is let go before its backlog fills the memory; it comes back by itself. */
const MOST_BACKLOG_BYTES = 1_000_000;

/** One open `text/event-stream` answer. */
export class EventStream {
  /** What was sent before the head; null once that is out. */
  private early: string[] | null = [];

  constructor(private readonly response: Response) {}

  /** Sends the head, and what was sent before it. Proxies must neither buffer nor change the stream. */
  open(): void {
    if (this.response.writableEnded || this.response.destroyed) return;
    const early = this.early ?? [];
    this.early = null;
    this.response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    });
    this.response.flushHeaders();
    for (const text of [`retry: ${AGAIN_MS}\n\n`, ...early]) this.write(text);
    this.beat();
  }

  /** @param id what the browser hands back as Last-Event-ID when it has to come back. */
  send(event: string, data: unknown, id?: number): void {
    this.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** A sign of life: a dead reader is noticed by it, and readers notice a dead line, or a proxy that holds back what it gets. */
  beat(): void {
    this.write('event: beat\ndata:\n\n');
  }

  close(): void {
    // What was sent so far goes out first.
    if (this.early) this.open();
    this.response.end();
  }

  private write(text: string): void {
    if (this.early) return void this.early.push(text);
    if (this.response.writableEnded || this.response.destroyed) return;
    this.response.write(text);
    if (this.response.writableLength > MOST_BACKLOG_BYTES) this.response.destroy();
  }
}
