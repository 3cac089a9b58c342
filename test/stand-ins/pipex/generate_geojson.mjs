import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable } from './lib/cell-table.mjs';
import { now, tell } from './lib/log.mjs';
import { readNpy } from './lib/npy.mjs';
import { listOf, text } from './lib/options.mjs';
import { PythonError, runStep } from './lib/step.mjs';

const options = { included_markers: text(), cluster_id: text(), cluster_color: text() };

/** Corners of the box around each cell, by label. */
function boxesOf({ labels, width }) {
  const boxes = new Map();
  labels.forEach((label, at) => {
    if (label === 0) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    const [left, top, right, bottom] = boxes.get(label) ?? [x, y, x, y];
    boxes.set(label, [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)]);
  });
  return boxes;
}

await runStep({ script: 'generate_geojson.py', title: 'generate_geojson', settings: 'geojson', options }, async (given) => {
  const boxes = boxesOf(readNpy(join(given.data, 'analysis', 'segmentation_data.npy')));
  const { columns, rows } = readTable(join(given.data, 'analysis', 'cell_data.csv'));
  const first = columns.findIndex((name) => name === 'leiden' || name === 'kmeans');
  const markers = given.included_markers
    ? listOf(given.included_markers)
    : columns.slice(columns.indexOf('y') + 1, first < 0 ? undefined : first);
  const missing = [...markers, given.cluster_id, given.cluster_color].find((name) => name !== '' && !columns.includes(name));
  if (missing !== undefined) throw new PythonError(`KeyError: '${missing}'`);
  tell('Labelled regions to approximate polygons conversion finished =', now());
  const features = rows.map((row) => {
    const [left, top, right, bottom] = boxes.get(Number(row.cell_id)) ?? [0, 0, 0, 0];
    const corners = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]; // prettier-ignore
    const colour = given.cluster_color ? row[given.cluster_color] : '';
    return {
      type: 'Feature',
      id: `cell${row.cell_id}`,
      geometry: { type: 'Polygon', coordinates: [corners] },
      properties: {
        measurements: markers.map((name) => ({ name, value: row[name] })),
        ...(given.cluster_id && { classification: { name: row[given.cluster_id], colorRGB: colour } }),
      },
    };
  });
  writeFileSync(join(given.data, 'analysis', 'cell_segmentation_geo.json'), JSON.stringify(features));
});
