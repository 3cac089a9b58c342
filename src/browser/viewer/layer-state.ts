import type { LayerData } from './data.js';

/** How a layer is shown just now. */
export interface LayerState {
  visible: boolean;
  opacity: number;
  /** `#rrggbb`; '' where each object has its own. */
  colour: string;
  outline: boolean;
  /** Contrast; null: what the page suggests. */
  range: [low: number, high: number] | null;
}

const AUTO = 'auto';

/** What a shared address tells: the place, the plane, and how layers differ from how they are at first. */
export interface ViewState {
  /** Pixels of the image in the middle of the stage; null: all of it. */
  place: { x: number; y: number; zoom: number } | null;
  plane: number;
  /** The number of the object that is picked; '' for none. */
  cell: string;
  layers: LayerState[];
}

export function firstState(layers: readonly LayerData[]): ViewState {
  const states = layers.map(({ visible, opacity, colour, outline, range }): LayerState => ({ visible, opacity, colour, outline, range }));
  return { place: null, plane: 0, cell: '', layers: states };
}

/** `at=x,y,zoom&plane=3&cell=12&l0=v1,o0.5,c00ff00,e1,r10:200`, all of it optional. */
export function readState(hash: string, layers: readonly LayerData[]): ViewState {
  const state = firstState(layers);
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const [x, y, zoom] = (fields.get('at') ?? '').split(',').map(Number);
  if (zoom > 0 && Number.isFinite(x) && Number.isFinite(y)) state.place = { x, y, zoom };
  const plane = Number(fields.get('plane'));
  if (Number.isInteger(plane) && plane > 0) state.plane = plane;
  const cell = fields.get('cell') ?? '';
  if (/^[1-9]\d{0,9}$/.test(cell)) state.cell = cell;
  state.layers.forEach((layer, index) => {
    for (const part of (fields.get(`l${index}`) ?? '').split(',')) readPart(layer, part[0], part.slice(1));
  });
  return state;
}

function readPart(layer: LayerState, name: string, value: string): void {
  if (name === 'v') layer.visible = value === '1';
  if (name === 'e') layer.outline = value === '1';
  if (name === 'o' && Number(value) >= 0 && Number(value) <= 1) layer.opacity = Number(value);
  if (name === 'c' && /^[0-9a-f]{6}$/i.test(value)) layer.colour = `#${value}`;
  if (name !== 'r') return;
  if (value === AUTO) layer.range = null;
  const [low, high] = value.split(':').map(Number);
  if (Number.isFinite(low) && Number.isFinite(high) && high > low) layer.range = [low, high];
}

/** @returns '' for how it is at first. */
export function writeState(state: ViewState, layers: readonly LayerData[]): string {
  const parts: string[] = [];
  if (state.place)
    parts.push(`at=${[state.place.x.toFixed(1), state.place.y.toFixed(1), Number(state.place.zoom.toPrecision(4))].join(',')}`);
  if (state.plane > 0) parts.push(`plane=${state.plane}`);
  if (state.cell !== '') parts.push(`cell=${state.cell}`);
  const first = firstState(layers).layers;
  state.layers.forEach((layer, index) => {
    const changes = changesOf(layer, first[index]);
    if (changes.length > 0) parts.push(`l${index}=${changes.join(',')}`);
  });
  return parts.length === 0 ? '' : `#${parts.join('&')}`;
}

function rangeInWords(range: LayerState['range']): string {
  return range ? range.map((value) => Number(value.toPrecision(6))).join(':') : AUTO;
}

function changesOf(layer: LayerState, first: LayerState): string[] {
  const changes: string[] = [];
  if (layer.visible !== first.visible) changes.push(`v${layer.visible ? 1 : 0}`);
  if (layer.opacity !== first.opacity) changes.push(`o${layer.opacity}`);
  if (layer.colour !== first.colour && layer.colour !== '') changes.push(`c${layer.colour.slice(1)}`);
  if (layer.outline !== first.outline) changes.push(`e${layer.outline ? 1 : 0}`);
  const range = rangeInWords(layer.range);
  if (range !== rangeInWords(first.range)) changes.push(`r${range}`);
  return changes;
}
