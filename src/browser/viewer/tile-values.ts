import type { LayerData } from './data.js';
import { PIXEL_ARRAYS, type PageFacts, type PixelArray } from './pyramid.js';

/** Bytes of tiles that are kept for the next change of contrast. */
const MOST_BYTES = 400_000_000;
const TRIES = 20;
const RETRY_MS = 800;
/** A first look is replaced as soon as there is better; how often one asks. */
const DRAFT_MS = [700, 1000, 1500, 2500, 4000];

interface Held {
  values: Promise<PixelArray | null>;
  /** Null until they are there. */
  arrived: PixelArray | null;
  bytes: number;
  isDraft: boolean;
}

/** Where a tile lies; `level` 0 is the image itself. */
export interface TilePlace {
  level: number;
  x: number;
  y: number;
}

/** The middle of an object of a mask, and how far it reaches. */
export interface ObjectPlace {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Values of tiles as the server has them: fetched once for all layers of a page, and kept while there is room. */
export class TileValues {
  private readonly held = new Map<string, Held>();
  private readonly factsOf = new Map<string, Promise<PageFacts | null>>();
  private bytes = 0;
  private looks = 0;
  private timer = 0;

  /**
   * @param address of `/runs/<run>/tiles`. @param onBetter is called when tiles of a first look were replaced.
   * @param onDraft says whether what is seen is a first look. @param mostBytes of tiles that are kept.
   */
  constructor(
    private readonly address: string,
    private readonly onBetter: () => void,
    private readonly onDraft: (isDraft: boolean) => void,
    private readonly mostBytes = MOST_BYTES,
  ) {}

  /** Null when the page cannot be shown. */
  facts(layer: LayerData, plane: number): Promise<PageFacts | null> {
    const address = this.addressOf('facts', layer, plane);
    let facts = this.factsOf.get(address);
    if (!facts) {
      facts = fetch(address).then(
        (answer) => (answer.ok ? (answer.json() as Promise<PageFacts>) : null),
        () => null,
      );
      this.factsOf.set(address, facts);
    }
    return facts;
  }

  /** Where the object of a mask with that number is; null for none; undefined where the server could not tell, or not yet. */
  async place(layer: LayerData, plane: number, label: string): Promise<ObjectPlace | null | undefined> {
    const answer = await fetchPatiently(`${this.addressOf('place', layer, plane)}&label=${label}`).catch(() => null);
    return answer ? ((await answer.json()) as ObjectPlace | null) : undefined;
  }

  /** A tile that is here; null for others, which are not asked for. */
  arrived(layer: LayerData, plane: number, place: TilePlace): PixelArray | null {
    return this.held.get(this.addressOfTile(layer, plane, place))?.arrived ?? null;
  }

  /** Null where there is no tile. */
  async tile(layer: LayerData, plane: number, place: TilePlace): Promise<PixelArray | null> {
    const facts = await this.facts(layer, plane);
    if (!facts) return null;
    const address = this.addressOfTile(layer, plane, place);
    const known = this.held.get(address);
    if (known) {
      // The one asked for last goes last.
      this.held.delete(address);
      this.held.set(address, known);
      return known.values;
    }
    const held: Held = { values: Promise.resolve(null), arrived: null, bytes: 0, isDraft: false };
    held.values = this.fetchTile(address, held, facts.type);
    this.held.set(address, held);
    return held.values;
  }

  private async fetchTile(address: string, held: Held, type: PageFacts['type']): Promise<PixelArray | null> {
    try {
      const answer = await fetchPatiently(address);
      if (!answer) return null;
      const bytes = await answer.arrayBuffer();
      held.bytes = bytes.byteLength;
      this.bytes += held.bytes;
      if (answer.headers.get('tile-draft') === 'yes') this.noteDraft(held);
      this.makeRoom();
      return (held.arrived = new PIXEL_ARRAYS[type](bytes));
    } catch {
      this.held.delete(address);
      return null;
    }
  }

  private makeRoom(): void {
    for (const [address, { bytes }] of this.held) {
      if (this.bytes <= this.mostBytes) return;
      if (bytes === 0) continue;
      this.held.delete(address);
      this.bytes -= bytes;
    }
  }

  private noteDraft(held: Held): void {
    held.isDraft = true;
    this.onDraft(true);
    if (this.timer === 0) this.lookLater();
  }

  private lookLater(): void {
    const wait = DRAFT_MS[Math.min(this.looks, DRAFT_MS.length - 1)];
    this.looks += 1;
    this.timer = window.setTimeout(() => void this.look(), wait);
  }

  /** Asks for one of the first looks again: when there is better of it, all are forgotten. */
  private async look(): Promise<void> {
    this.timer = 0;
    const drafts = [...this.held].filter(([, { isDraft }]) => isDraft);
    const [one] = drafts;
    if (!one) return;
    const answer = await fetchPatiently(one[0]).catch(() => null);
    await answer?.arrayBuffer();
    if (!answer || answer.headers.get('tile-draft') === 'yes') return this.lookLater();
    for (const [address, { bytes }] of drafts) {
      this.held.delete(address);
      this.bytes -= bytes;
    }
    this.looks = 0;
    this.onDraft(false);
    this.onBetter();
  }

  private addressOfTile(layer: LayerData, plane: number, { level, x, y }: TilePlace): string {
    return `${this.addressOf('values', layer, plane)}&level=${level}&x=${x}&y=${y}`;
  }

  private addressOf(what: string, layer: LayerData, plane: number): string {
    const page = layer.pages[Math.min(plane, layer.pages.length - 1)] ?? 0;
    return `${this.address}/${what}/${encodeSource(layer.source)}?page=${page}&labels=${layer.kind === 'labels' ? 1 : 0}&v=${layer.version}`;
  }
}

export function encodeSource(source: string): string {
  return source.split('/').map(encodeURIComponent).join('/');
}

/** Comes back when the server says that the tile is being made. */
async function fetchPatiently(address: string): Promise<Response | null> {
  for (let turn = 0; turn < TRIES; turn += 1) {
    const answer = await fetch(address);
    if (answer.ok) return answer;
    if (answer.status !== 503 && answer.status !== 429) return null;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return null;
}
