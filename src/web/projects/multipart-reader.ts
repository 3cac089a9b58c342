import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import type { Request } from 'express';
import { InvalidInputError, LimitError } from '../../common/errors';

export interface MultipartHandlers {
  /** Called once, before any file: with the field `_csrf` if that came first, else with undefined. Throws to refuse the form. */
  checkToken(token: string | undefined): Promise<void>;
  /** Every other field, in its order among the files. */
  takeField?(name: string, value: string): void;
  /** One file after the other. What it leaves unread is passed over. What it throws ends the reading. */
  takeFile(name: string, content: AsyncIterable<Buffer>): Promise<void>;
}

export const MOST_FILES = 10_000;
const LIMITS = { fields: 50, fieldSize: 10_000, files: MOST_FILES, parts: MOST_FILES + 50, headerPairs: 50, headerSize: 16_000 };

/**
 * Reads a multipart form as a stream: nothing of it is kept in memory beyond the piece at hand. Resolves when all files are taken.
 * @throws InvalidInputError when the form is broken or breaks off; LimitError for more than `MOST_FILES`; what the handlers throw.
 */
export function readMultipart(request: Request, handlers: MultipartHandlers): Promise<void> {
  return new Reading(request, handlers).done;
}

class Reading {
  readonly done: Promise<void>;
  private readonly parser: BusboyInstance;
  private checked: Promise<void> | undefined;
  private current: Readable | undefined;
  /** Files are handled in their order; the parser may be a step ahead. */
  private work: Promise<void> = Promise.resolve();
  /** Set by the first error; later ones are its consequences. */
  private failure: Promise<void> | undefined;
  private fail: (cause: unknown) => void = () => undefined;

  constructor(
    private readonly request: Request,
    private readonly handlers: MultipartHandlers,
  ) {
    this.parser = openParser(request);
    this.done = new Promise((resolve, reject) => {
      this.fail = (cause) => void (this.failure ??= this.stop(cause).then(() => reject(cause)));
      this.parser.on('field', (name, value) => this.onField(name, value));
      this.parser.on('file', (_field, content, name) => this.onFile(content, name));
      this.parser.on('partsLimit', () => this.fail(new LimitError('projects.tooManyFiles', { most: MOST_FILES })));
      this.parser.on('filesLimit', () => this.fail(new LimitError('projects.tooManyFiles', { most: MOST_FILES })));
      this.parser.on('error', () => this.fail(new InvalidInputError('projects.uploadCut')));
      this.parser.on('finish', () => void this.afterAll().then(resolve, this.fail));
      request.on('close', () => request.complete || this.fail(new InvalidInputError('projects.uploadCut')));
      request.on('error', () => this.fail(new InvalidInputError('projects.uploadCut')));
      request.pipe(this.parser);
    });
  }

  private onField(name: string, value: string): void {
    if (name === '_csrf') return this.check(value);
    this.check(undefined);
    this.work = this.work.then(() => this.takeField(name, value));
    this.work.catch(this.fail);
  }

  private async takeField(name: string, value: string): Promise<void> {
    await this.checked;
    this.handlers.takeField?.(name, value);
  }

  private check(token: string | undefined): void {
    if (this.checked) return;
    this.checked = this.handlers.checkToken(token);
    this.checked.catch(this.fail);
  }

  private onFile(content: BusboyFileStream, name: string): void {
    // A form that breaks off in a file says so here.
    content.on('error', () => this.fail(new InvalidInputError('projects.uploadCut')));
    this.check(undefined);
    if (this.failure || name === '') return void content.resume();
    this.work = this.work.then(() => this.take(content, name));
    this.work.catch(this.fail);
  }

  private async take(content: BusboyFileStream, name: string): Promise<void> {
    await this.checked;
    if (this.failure) return;
    this.current = content;
    // A destroyed part would stop the parser for ever: what is left unread must flow on.
    await this.handlers.takeFile(name, content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>);
    this.current = undefined;
    content.resume();
  }

  private async afterAll(): Promise<void> {
    this.check(undefined);
    await this.checked;
    await this.work;
  }

  /** The rest of the body is read and thrown away: browsers look at the answer only when they have sent everything. */
  private async stop(cause: unknown): Promise<void> {
    this.request.unpipe(this.parser);
    this.request.resume();
    this.current?.destroy(cause as Error);
    // What is being written is finished or undone before anybody is told.
    await this.work.catch(() => undefined);
  }
}

function openParser(request: Request): BusboyInstance {
  const type = request.headers['content-type'] ?? '';
  try {
    if (!/^multipart\/form-data\b/i.test(type)) throw new Error(`not a form with files: ${type}`);
    return new Busboy({
      headers: { ...request.headers, 'content-type': type },
      limits: LIMITS,
      // Browsers send `folder/file` for files of a dropped folder.
      preservePath: true,
      isPartAFile: (_field, _type, fileName) => fileName !== undefined,
    });
  } catch {
    request.resume();
    throw new InvalidInputError('projects.notMultipart');
  }
}
