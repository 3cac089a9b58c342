import { say, type LayerData, type ViewerData } from './data.js';
import type { Scene } from './painters.js';
import { TILE } from './pyramid.js';
import { shortNumber } from './contrast.js';
import { encodeSource, type ObjectPlace } from './tile-values.js';

/** What was found at a point. */
export interface Found {
  layer: number;
  label: string;
  /** Outline of a shape; empty for a label, which its own pixels show. */
  lines: number[][];
}

interface Row {
  row: number;
  cells: { name: string; value: string }[];
}

const MOST_CELLS = 14;

/** The value at a pixel of the image. */
export async function valueAt(scene: Scene, layer: LayerData, x: number, y: number): Promise<number | null> {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const facts = await scene.values.facts(layer, scene.state.plane);
  const tile = await scene.values.tile(layer, scene.state.plane, { level: 0, x: Math.floor(column / TILE), y: Math.floor(row / TILE) });
  return tile && facts ? tile[((row % TILE) * TILE + (column % TILE)) * facts.samples + layer.sample] : null;
}

/** The object at a point: shapes and masks that are shown, the uppermost first; what has a table before what has none. */
export async function findObject(scene: Scene, x: number, y: number): Promise<Found | null> {
  const candidates = scene.layers
    .map((layer, index) => ({ layer, index }))
    .filter(({ layer, index }) => (layer.kind === 'labels' || layer.kind === 'shapes') && scene.state.layers[index].visible)
    .reverse()
    .sort((one, other) => Number(other.layer.table !== '') - Number(one.layer.table !== ''));
  for (const { layer, index } of candidates) {
    if (layer.kind === 'shapes') {
      const shape = await scene.lines.find(layer, x, y);
      if (shape) return { layer: index, label: shape.label, lines: shape.lines };
    } else {
      const label = await valueAt(scene, layer, x, y);
      if (label !== null && label > 0) return { layer: index, label: String(label), lines: [] };
    }
  }
  return null;
}

/** An object by its number: of masks that have a table first, shown or not. @returns null for none; undefined where that could not be told. */
export async function findByLabel(
  { layers, state, values }: Scene,
  label: string,
): Promise<{ found: Found; place: ObjectPlace } | null | undefined> {
  const places = layers
    .flatMap((layer, index) => (layer.kind === 'labels' ? [{ layer, index }] : []))
    .sort((one, other) => Number(other.layer.table !== '') - Number(one.layer.table !== ''))
    .map(({ layer, index }) => ({ index, asked: values.place(layer, state.plane, label) }));
  let isKnown = true;
  for (const { index, asked } of places) {
    const place = await asked;
    if (place) return { found: { layer: index, label, lines: [] }, place };
    isKnown &&= place === null;
  }
  return isKnown ? null : undefined;
}

/** The card that tells of an object: its number, and its row of the table. */
export class ObjectCard {
  /** @param onClose is called when the person closes it. */
  constructor(
    private readonly element: HTMLElement,
    private readonly data: ViewerData,
    onClose: () => void,
  ) {
    element.querySelector('[data-close]')?.addEventListener('click', onClose);
  }

  hide(): void {
    this.element.hidden = true;
  }

  async show({ layer: index, label }: Found): Promise<void> {
    const { words, layers, tiles, tables } = this.data;
    const layer = layers[index];
    const list = this.element.querySelector('dl')!;
    const link = this.element.querySelector<HTMLAnchorElement>('a')!;
    const note = this.element.querySelector<HTMLElement>('[data-note]')!;
    this.element.querySelector('[data-label]')!.textContent = say(words, 'objectOf', { label, layer: layer.title });
    list.replaceChildren();
    link.hidden = true;
    this.element.hidden = false;
    note.textContent = layer.table === '' ? '' : say(words, 'rowComes');
    if (layer.table === '') return;
    const query = new URLSearchParams({ key: layer.key, value: label });
    const answer = await fetch(`${tiles}/row/${encodeSource(layer.table)}?${query}`).catch(() => null);
    const row = answer?.ok ? ((await answer.json()) as Row | null) : null;
    note.textContent = row ? '' : say(words, 'rowMissing', { key: layer.key, label });
    if (!row) return;
    fill(list, row);
    link.hidden = false;
    link.href = `${tables}/${encodeSource(layer.table)}?row=${row.row}`;
  }
}

function fill(list: HTMLElement, { cells }: Row): void {
  for (const cell of cells.slice(0, MOST_CELLS)) {
    const [name, value] = [document.createElement('dt'), document.createElement('dd')];
    name.textContent = cell.name;
    value.textContent = /^-?\d+\.\d{4,}$/.test(cell.value) ? shortNumber(Number(cell.value)) : cell.value;
    list.append(name, value);
  }
}
