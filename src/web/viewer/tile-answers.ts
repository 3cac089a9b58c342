import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, NotFoundError } from '../../common/errors';
import { keepForThisSession } from '../http/kept-answers';
import { ImagePages } from './image-pages';
import { LabelPlaces } from './label-places';
import { ShapeLayers } from './shape-layers';
import type { Original, Shelf, SourceAddress } from './shelf';

const compress = promisify(gzip);
/** What was made of a file stays as it is, and its address has the version of the file. */
const KEEP = 'max-age=604800, immutable';
const RETRY_SECONDS = '1';
const FAST = 1;
const MOST_KEY = 200;

type Fields = Record<string, unknown>;

/** What is asked of a file. */
export interface Asked {
  what: string;
  query: Fields;
  request: Request;
  response: Response;
}

/**
 * Raw values of images, tile by tile; what is known of a page; where the object with a number is; lines of shapes, and the shape at a
 * point. `what` is `values`, `facts`, `place`, `lines` or `shape`.
 */
@Injectable()
export class TileAnswers {
  constructor(
    private readonly pages: ImagePages,
    private readonly shapes: ShapeLayers,
    private readonly places: LabelPlaces,
  ) {}

  async send(shelf: Shelf, address: SourceAddress, asked: Asked): Promise<void> {
    const original = await shelf.open(address);
    try {
      if (asked.what === 'values') await this.sendValues(shelf, original, address, asked);
      else if (asked.what === 'facts') await this.sendFacts(shelf, original, asked);
      else if (asked.what === 'lines') await this.sendLines(shelf, original, asked);
      else if (asked.what === 'place') await this.sendPlace(shelf, original, address, asked);
      else if (asked.what === 'shape') await this.sendShape(shelf, original, asked);
      else throw new NotFoundError('errors.notFound');
    } finally {
      await original.handle.close();
    }
  }

  private async sendValues(shelf: Shelf, original: Original, address: SourceAddress, { query, request, response }: Asked): Promise<void> {
    const place = { ...pageOf(query), ...tileOf(query) };
    const tile = await this.pages.tile(shelf, address, original, place);
    if (tile === null) throw new NotFoundError('errors.notFound');
    if (tile === 'later') return sendLater(response);
    response.set('Tile-Draft', tile.isDraft ? 'yes' : 'no');
    if (!tile.isDraft) keepForThisSession(response, KEEP);
    // Masks become a fiftieth of their size; images next to nothing less.
    if (place.labels) await sendSmall(request, response, tile.bytes);
    else sendBytes(response, tile.bytes);
  }

  private async sendFacts(shelf: Shelf, original: Original, { query, response }: Asked): Promise<void> {
    const facts = await this.pages.facts(shelf, original, pageOf(query));
    if (!facts) throw new NotFoundError('errors.notFound');
    keepForThisSession(response, KEEP);
    response.json(facts);
  }

  private async sendPlace(shelf: Shelf, original: Original, address: SourceAddress, { query, response }: Asked): Promise<void> {
    const label = Number(query['label']);
    if (!Number.isInteger(label) || label < 1) throw new InvalidInputError('errors.badRequest');
    const place = await this.places.find(shelf, address, original, { page: pageOf(query).page, label });
    if (place === 'later') sendLater(response);
    else response.json(place);
  }

  private async sendLines(shelf: Shelf, original: Original, { query, request, response }: Asked): Promise<void> {
    const lines = await this.shapes.tile(shelf, original, keyOf(query), tileOf(query));
    if (!lines) throw new NotFoundError('errors.notFound');
    keepForThisSession(response, KEEP);
    await sendSmall(request, response, lines);
  }

  private async sendShape(shelf: Shelf, original: Original, { query, response }: Asked): Promise<void> {
    const [x, y] = [Number(query['x']), Number(query['y'])];
    if (!Number.isFinite(x) || !Number.isFinite(y)) throw new InvalidInputError('errors.badRequest');
    const shape = await this.shapes.find(shelf, original, keyOf(query), { x, y });
    keepForThisSession(response, KEEP);
    response.json(shape);
  }
}

/** It is being made. */
function sendLater(response: Response): void {
  response.status(503).set('Retry-After', RETRY_SECONDS).end();
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
export function whole(value: unknown): number {
  if (typeof value !== 'string' || !/^\d{1,6}$/.test(value)) throw new InvalidInputError('errors.badRequest');
  return Number(value);
}
