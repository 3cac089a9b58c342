/** One outline or line: x and y in turn, in pixels of the image. */
export type Line = Float64Array;

export interface Feature {
  /** Number or name of the object, as the table has it. */
  label: string;
  lines: Line[];
}

const MOST_POINTS = 20_000_000;
const MOST_FEATURES = 2_000_000;
const MOST_DEPTH = 2;
const MOST_LABEL = 200;
/** Where programs write the number of an object, the likeliest first. */
const LABEL_FIELDS = ['label', 'cell_id', 'cellId', 'id', 'ID', 'name'];

type Fields = Record<string, unknown>;

/**
 * Reads a feature collection, an array of features or one of them, as QuPath and others write them.
 * @param key name of the property with the number of the object; '' to look for the usual ones.
 * @throws Error when it is none, or more than can be shown.
 */
export function readFeatures(text: string, key: string): Feature[] {
  const content = JSON.parse(text) as unknown;
  const list: unknown[] = Array.isArray(content)
    ? content
    : isFields(content) && Array.isArray(content['features'])
      ? content['features']
      : [content];
  if (list.length > MOST_FEATURES) throw new Error('too many shapes');
  const budget = { points: MOST_POINTS };
  const features = list.flatMap((item, index) => {
    if (!isFields(item)) return [];
    const geometry = isFields(item['geometry']) ? item['geometry'] : item;
    const lines = linesOf(geometry, budget);
    return lines.length === 0 ? [] : [{ label: labelOf(item, key, index), lines }];
  });
  if (features.length === 0 && list.length > 0) throw new Error('no shapes');
  return features;
}

function linesOf(geometry: Fields, budget: { points: number }): Line[] {
  const lines: Line[] = [];
  if (geometry['type'] === 'GeometryCollection' && Array.isArray(geometry['geometries'])) {
    for (const part of geometry['geometries'] as unknown[])
      if (isFields(part) && part['type'] !== 'GeometryCollection') lines.push(...linesOf(part, budget));
    return lines;
  }
  collect(geometry['coordinates'], lines, budget, 0);
  return lines;
}

/** Positions stand up to three lists deep: points, lines, polygons with their holes, and several of them. */
function collect(coordinates: unknown, lines: Line[], budget: { points: number }, depth: number): void {
  if (!Array.isArray(coordinates) || depth > MOST_DEPTH || coordinates.length === 0) return;
  if (isPosition(coordinates)) return void lines.push(Float64Array.of(...coordinates.slice(0, 2)));
  if (!isPosition(coordinates[0])) {
    for (const part of coordinates as unknown[]) collect(part, lines, budget, depth + 1);
    return;
  }
  const positions = (coordinates as unknown[]).filter(isPosition);
  if ((budget.points -= positions.length) < 0) throw new Error('too many points');
  const line = new Float64Array(positions.length * 2);
  positions.forEach(([x, y], index) => {
    line[index * 2] = x;
    line[index * 2 + 1] = y;
  });
  lines.push(line);
}

function isPosition(value: unknown): value is [number, number] {
  return Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]);
}

function labelOf(feature: Fields, key: string, index: number): string {
  const properties = isFields(feature['properties']) ? feature['properties'] : {};
  const found = [properties[key], ...LABEL_FIELDS.map((name) => properties[name]), feature['id']].find(
    (value): value is string | number => typeof value === 'number' || (typeof value === 'string' && value !== ''),
  );
  return String(found ?? index + 1).slice(0, MOST_LABEL);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
