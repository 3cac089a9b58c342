import { Injectable } from '@nestjs/common';
import { BRIGHTEST } from '../../browser/viewer/blend';
import type { LayerData } from '../../browser/viewer/data';
import { DomainError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { compileGlob } from '../../common/pipelines/output-glob';
import { fillPlace, type LayerRule } from '../../common/pipelines/views/view-rules';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import type { ChannelFacts, ImageFacts } from '../images/tiles/image-facts';
import { LABEL_WORDS } from '../images/label-words';
import type { ResultFile } from '../show/result-tree';
import type { ResolvedView } from '../show/run-views';
import { address } from '../views/helpers';
import { ImagePages } from './image-pages';
import { ImageSources } from './image-sources';
import { firstThere, isLayerList, readLayerList, type ListedLayer } from '../images/layer-list';
import { formatSource, nameOfReference, type Original, type Shelf, type SourceAddress } from './shelf';

/** Several files laid over each other. */
export interface LayeredImage {
  width: number;
  height: number;
  planes: number;
  /** Micrometres. */
  pixelSize: number | null;
  layers: LayerData[];
  /** Titles of layers that could not be shown. */
  missing: string[];
  /** Results that are shown, for downloads: addresses below the base path. */
  files: { title: string; href: string }[];
}

const MOST_LAYERS = 48;
const VISIBLE_CHANNELS = 4;
/** The first stain is usually the nuclei. */
const CHANNEL_COLOURS = ['#4d8bff', '#2ee66b', '#ff4d4d', '#ffd640', '#ff5ce1', '#3fe0e0', '#ff9a3d', '#ffffff'];
const SHAPE_COLOUR = '#ffd640';
const MOST_LIST_BYTES = 1_000_000;
const EIGHT_BITS: [number, number] = [0, 255];

interface Candidate {
  rule: LayerRule;
  title: string;
  address: SourceAddress;
  table: string;
  /** Of brightness, where a list of layers says it. */
  clip?: ListedLayer['clip'];
}

/** Finds the files of views and what they show. */
@Injectable()
export class ViewLayers {
  constructor(
    private readonly sources: ImageSources,
    private readonly pages: ImagePages,
  ) {}

  /** @param withInputs whether files that the run was given are shown, too. @returns null when no image of it can be shown. */
  async ofView(
    run: Run,
    { rule, of }: ResolvedView,
    { files, withInputs }: { files: readonly ResultFile[]; withInputs: boolean },
  ): Promise<LayeredImage | null> {
    const candidates: Candidate[] = [];
    for (const layer of rule.layers.filter(({ parameter }) => withInputs || parameter === undefined))
      candidates.push(...(await this.candidates(run, layer, of, files)));
    return this.build(this.sources.shelf(run), candidates.slice(0, MOST_LAYERS));
  }

  /** Any image by itself, its channels as layers. @param shown its path, for people. */
  async ofFile(shelf: Shelf, source: SourceAddress, shown: string): Promise<LayeredImage | null> {
    const as = LABEL_WORDS.test(shown) || (await this.looksLikeLabels(shelf, source)) ? 'labels' : 'image';
    const rule: LayerRule = { as, opacity: 1, visible: true };
    return this.build(shelf, [{ rule, title: shown.split('/').at(-1) ?? shown, address: source, table: '' }]);
  }

  private async looksLikeLabels(shelf: Shelf, source: SourceAddress): Promise<boolean> {
    const original = await shelf.open(source);
    try {
      const image = await this.pages.describe(shelf, original);
      if (image?.channels.length !== 1) return false;
      return (await this.pages.facts(shelf, original, { page: image.channels[0].pages[0], labels: false }))?.labels === true;
    } finally {
      await original.handle.close();
    }
  }

  private async candidates(run: Run, rule: LayerRule, of: string | null, files: readonly ResultFile[]): Promise<Candidate[]> {
    if (rule.list !== undefined) return this.listedIn(run, rule, compileGlob(fillPlace(rule.list, of)), files);
    const table = rule.table === undefined ? undefined : fillPlace(rule.table, of);
    const isTable = table === undefined ? null : compileGlob(table);
    const common = { rule, table: files.find(({ shown }) => isTable?.(shown))?.address ?? '' };
    const title = rule.title === undefined ? '' : fillPlace(rule.title, of);
    if (rule.parameter !== undefined) {
      const { parameter } = rule;
      const given = await this.sources.inputs(run, parameter);
      return given.map((reference, index) => ({
        ...common,
        title: titleOf(title, nameOfReference(reference), given.length),
        address: { kind: 'inputs', parameter, index },
      }));
    }
    const matches = compileGlob(fillPlace(rule.glob ?? '', of));
    const found = files.filter(({ shown }) => matches(shown));
    return found.map(({ shown, address }) => ({
      ...common,
      title: titleOf(title, shown.split('/').at(-1) ?? shown, found.length),
      address: { kind: 'results', path: address },
    }));
  }

  /** Layers of a table as EllViewer takes it, which lies among the results. @returns null when it is none, or shows nothing. */
  async ofList(run: Run, path: string): Promise<LayeredImage | null> {
    const shelf = this.sources.shelf(run);
    const text = await readText(shelf, path);
    if (text === null || !isLayerList(text)) return null;
    const rule: LayerRule = { as: 'image', opacity: 1, visible: true };
    const candidates = await this.listed(await this.sources.folder(run), rule, path, text);
    return candidates.length === 0 ? null : this.build(shelf, candidates);
  }

  private async listedIn(
    run: Run,
    rule: LayerRule,
    matches: (name: string) => boolean,
    files: readonly ResultFile[],
  ): Promise<Candidate[]> {
    const folder = await this.sources.folder(run);
    const shelf = this.sources.shelf(run);
    const candidates: Candidate[] = [];
    for (const { address } of files.filter(({ shown }) => matches(shown))) {
      const text = await readText(shelf, address);
      if (text !== null) candidates.push(...(await this.listed(folder, rule, address, text)));
    }
    return candidates;
  }

  /** A candidate for each row that names a picture here, whether it is there or not. */
  private async listed(folder: SafeDirectory, rule: LayerRule, address: string, text: string): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    for (const { places, title, colour, clip, visible } of readLayerList(text, folderOf(address))) {
      const path = (await firstThere(folder, places)) ?? places[0];
      if (path === undefined) continue;
      const own = { ...rule, colour: colour || rule.colour, visible: rule.visible && visible };
      candidates.push({ rule: own, title, address: { kind: 'results', path }, table: '', clip });
    }
    return candidates;
  }

  private async build(shelf: Shelf, candidates: readonly Candidate[]): Promise<LayeredImage | null> {
    const opened = await Promise.all(candidates.map((candidate) => this.open(shelf, candidate)));
    const base = opened.find(({ facts }) => facts)?.facts;
    if (!base) return null;
    const image: LayeredImage = { width: base.width, height: base.height, planes: 1, pixelSize: null, layers: [], missing: [], files: [] };
    const lights = opened.flatMap(({ candidate, facts }) => (candidate.rule.as === 'image' ? (facts?.channels ?? []) : [])).length;
    for (const { candidate, facts, version } of opened) {
      const source = formatSource(candidate.address);
      if (version !== null && candidate.address.kind !== 'inputs') {
        image.files.push({ title: candidate.title, href: address(shelf.base, ['files', candidate.address.path]) });
      }
      const layers = version === null ? [] : layersOf(candidate, { source, version, facts, base, before: image.layers.length, lights });
      if (layers.length === 0) image.missing.push(candidate.title);
      image.layers.push(...layers);
      image.planes = Math.max(image.planes, facts?.planes ?? 1);
      image.pixelSize ??= facts?.pixelSize ?? null;
    }
    return image.layers.some(({ kind }) => kind !== 'shapes') ? { ...image, layers: image.layers.slice(0, MOST_LAYERS) } : null;
  }

  /** A mask may stand in all three colours alike: then it is one of numbers all the same. */
  private async factsOf(shelf: Shelf, original: Original, as: LayerRule['as']): Promise<ImageFacts | null> {
    const facts = await this.pages.describe(shelf, original);
    if (as === 'image' || facts?.channels.length !== 1 || facts.channels[0].kind !== 'colour') return facts;
    const [channel] = facts.channels;
    const first = await this.pages.facts(shelf, original, { page: channel.pages[0], labels: true });
    return first?.samples === 1 ? { ...facts, channels: [{ ...channel, kind: 'light' }] } : facts;
  }

  private async open(
    shelf: Shelf,
    candidate: Candidate,
  ): Promise<{ candidate: Candidate; facts: ImageFacts | null; version: number | null }> {
    let original: Original;
    try {
      original = await shelf.open(candidate.address);
    } catch (error) {
      if (error instanceof DomainError) return { candidate, facts: null, version: null };
      throw error;
    }
    try {
      const facts = candidate.rule.as === 'shapes' ? null : await this.factsOf(shelf, original, candidate.rule.as);
      return { candidate, facts, version: Math.round(original.mtimeMs) };
    } finally {
      await original.handle.close();
    }
  }
}

interface Context {
  source: string;
  version: number;
  facts: ImageFacts | null;
  base: ImageFacts;
  before: number;
  /** Channels of all images of the view. */
  lights: number;
}

function layersOf({ rule, title, table, clip }: Candidate, { source, version, facts, base, before, lights }: Context): LayerData[] {
  const { opacity, visible, key = '' } = rule;
  const common = { source, version, opacity, visible, table, key, sample: 0, outline: rule.as === 'outlines', range: null };
  if (rule.as === 'shapes') return [{ ...common, title, kind: 'shapes', pages: [], colour: rule.colour ?? SHAPE_COLOUR }];
  // Of another size it would lie on other cells than it shows.
  if (!facts || facts.width !== base.width || facts.height !== base.height) return [];
  const [first] = facts.channels;
  if (rule.as !== 'image' && first.kind === 'light') {
    return [{ ...common, title, kind: 'labels', pages: first.pages, colour: rule.colour ?? '' }];
  }
  if (clip !== undefined) return [listedLayer({ ...common, title, pages: first.pages }, facts, rule.colour, clip)];
  return facts.channels.map((channel, index) => ({
    ...common,
    title: facts.channels.length === 1 ? title : channelTitle(channel, index, lights === facts.channels.length ? '' : title),
    kind: channel.kind,
    pages: channel.pages,
    sample: channel.sample,
    colour:
      rule.colour ??
      (channel.kind === 'colour' ? '' : channel.colour) ??
      (lights === 1 ? '#ffffff' : CHANNEL_COLOURS[(before + index) % CHANNEL_COLOURS.length]),
    visible: visible && (index < VISIBLE_CHANNELS || channel.kind === 'colour'),
  }));
}

/** A row of a list is one layer, whatever its picture holds: in grey, or in its own colours where no colour is said. */
function listedLayer(
  common: Omit<LayerData, 'kind' | 'colour'>,
  { samples, type, channels }: ImageFacts,
  colour: string | undefined,
  clip: ListedLayer['clip'],
): LayerData {
  const isColour = channels[0].kind === 'colour';
  if (isColour && (samples === 4 || colour === undefined)) return { ...common, kind: 'colour', colour: colour ?? '' };
  const full = type === 'uint8' ? EIGHT_BITS : null;
  const range = clip === 'full' ? full : clip === 'auto' ? null : clip;
  return { ...common, kind: 'light', sample: isColour ? BRIGHTEST : 0, colour: colour ?? '#ffffff', range };
}

/** Null for a file that is too large. */
async function readText(shelf: Shelf, path: string): Promise<string | null> {
  const { handle, size } = await shelf.open({ kind: 'results', path });
  try {
    return size > MOST_LIST_BYTES ? null : await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function channelTitle({ name }: ChannelFacts, index: number, file: string): string {
  const own = name === '' ? text('viewer.channel', { number: index + 1 }) : name;
  return file === '' ? own : text('viewer.partOf', { whole: file, part: own });
}

/** Of several files each needs its name. */
function titleOf(title: string, name: string, count: number): string {
  if (title === '') return name;
  return count > 1 ? text('viewer.partOf', { whole: title, part: name }) : title;
}
