import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { formatEntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { pathOfSegments } from '../http/entry-path';
import type { Original } from './derived-files';
import { ImagePages } from './image-pages';
import { ImageSources, type SourceAddress } from './image-sources';
import { ShapeLayers } from './shape-layers';

const compress = promisify(gzip);
const KEEP = 'private, max-age=604800, immutable';
const RETRY_SECONDS = '1';
const FAST = 1;
const MOST_KEY = 200;

type Fields = Record<string, unknown>;

/**
 * Raw values of images, tile by tile; what is known of a page; lines of shapes, and the shape at a point. `what` is `values`, `facts`,
 * `lines` or `shape`.
 */
@Controller('runs/:run/tiles')
export class TilesController {
  constructor(
    private readonly sources: ImageSources,
    private readonly pages: ImagePages,
    private readonly shapes: ShapeLayers,
  ) {}

  @Get(':what/results/*path')
  @Access('runViewer')
  async ofResult(
    @CurrentRun() run: Run,
    @Param('what') what: string,
    @Param('path') segments: string[],
    @Query() query: Fields,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const address: SourceAddress = { kind: 'results', path: formatEntryPath(pathOfSegments(segments)) };
    await this.answer(run, address, { what, query, request, response });
  }

  /** A link to the run alone opens no file of its project. */
  @Get(':what/inputs/:parameter/:index')
  @Access('projectViewer')
  async ofInput(
    @CurrentRun() run: Run,
    @Param() { what, parameter, index }: { what: string; parameter: string; index: string },
    @Query() query: Fields,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answer(run, { kind: 'inputs', parameter, index: whole(index) }, { what, query, request, response });
  }

  private async answer(run: Run, address: SourceAddress, asked: Asked): Promise<void> {
    const original = await this.sources.open(run, address);
    try {
      if (asked.what === 'values') await this.sendValues(run, original, address, asked);
      else if (asked.what === 'facts') await this.sendFacts(run, original, asked);
      else if (asked.what === 'lines') await this.sendLines(run, original, asked);
      else if (asked.what === 'shape') await this.sendShape(run, original, asked);
      else throw new NotFoundError('errors.notFound');
    } finally {
      await original.handle.close();
    }
  }

  private async sendValues(run: Run, original: Original, address: SourceAddress, { query, request, response }: Asked): Promise<void> {
    const place = { ...pageOf(query), ...tileOf(query) };
    const tile = await this.pages.tile(run.id, original, place, () => this.sources.open(run, address));
    if (tile === null) throw new NotFoundError('errors.notFound');
    if (tile === 'later') return void response.status(503).set('Retry-After', RETRY_SECONDS).end();
    response.set({ 'Cache-Control': tile.isDraft ? 'no-store' : KEEP, 'Tile-Draft': tile.isDraft ? 'yes' : 'no' });
    // Masks become a fiftieth of their size; images next to nothing less.
    if (place.labels) await sendSmall(request, response, tile.bytes);
    else sendBytes(response, tile.bytes);
  }

  private async sendFacts(run: Run, original: Original, { query, response }: Asked): Promise<void> {
    const facts = await this.pages.facts(run.id, original, pageOf(query));
    if (!facts) throw new NotFoundError('errors.notFound');
    response.set('Cache-Control', KEEP).json(facts);
  }

  private async sendLines(run: Run, original: Original, { query, request, response }: Asked): Promise<void> {
    const lines = await this.shapes.tile(run.id, original, keyOf(query), tileOf(query));
    if (!lines) throw new NotFoundError('errors.notFound');
    response.set('Cache-Control', KEEP);
    await sendSmall(request, response, lines);
  }

  private async sendShape(run: Run, original: Original, { query, response }: Asked): Promise<void> {
    const [x, y] = [Number(query['x']), Number(query['y'])];
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new InvalidInputError('errors.badRequest');
    response.set('Cache-Control', KEEP).json(await this.shapes.find(run.id, original, keyOf(query), { x, y }));
  }
}

interface Asked {
  what: string;
  query: Fields;
  request: Request;
  response: Response;
}

function sendBytes(response: Response, bytes: Buffer): void {
  response.set({ 'Content-Type': 'application/octet-stream', 'Content-Length': String(bytes.length) });
  response.end(bytes);
}

async function sendSmall(request: Request, response: Response, bytes: Buffer): Promise<void> {
  response.vary('Accept-Encoding');
  if (!request.acceptsEncodings('gzip')) return sendBytes(response, bytes);
  response.set('Content-Encoding', 'gzip');
  sendBytes(response, await compress(bytes, { level: FAST }));
}

function pageOf(query: Fields): { page: number; labels: boolean } {
  return { page: whole(query['page'] ?? '0'), labels: query['labels'] === '1' };
}

function tileOf(query: Fields): { level: number; column: number; row: number } {
  return { level: whole(query['level']), column: whole(query['x']), row: whole(query['y']) };
}

function keyOf(query: Fields): string {
  const key = query['key'];
  return typeof key === 'string' ? key.slice(0, MOST_KEY) : '';
}

/** @throws InvalidInputError for all but small whole numbers. */
function whole(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{1,6}$/.test(value)) throw new InvalidInputError('errors.badRequest');
  return Number(value);
}
