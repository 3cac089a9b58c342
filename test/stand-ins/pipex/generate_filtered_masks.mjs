import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable } from './lib/cell-table.mjs';
import { drawBoundaries, writeGrey } from './lib/draw.mjs';
import { now, tell } from './lib/log.mjs';
import { readNpy, writeNpy } from './lib/npy.mjs';
import { int, listOf, text, yesNo } from './lib/options.mjs';
import { PythonError, runStep } from './lib/step.mjs';

const options = {
  field: text(),
  values: text(),
  lmd: yesNo(),
  shape_dilation: int(0),
  convolution_smoothing: int(15),
  path_optimization: { type: ['none', 'hilbert', 'greedy'], default: 'none' },
  distance_heuristic: int(300),
  tile_size: int(0),
  tile_overlap: int(0),
  tile_percentage_overlap: int(0),
  tile_relabel: yesNo(),
  extend_tile: yesNo(),
};

await runStep({ script: 'generate_filtered_masks.py', title: 'generate_filtered_masks', settings: 'filter', options }, async (given) => {
  const inAnalysis = (name) => join(given.data, 'analysis', name);
  const { labels, width, height } = readNpy(inAnalysis('segmentation_data.npy'));
  const { columns, rows } = readTable(inAnalysis('cell_data.csv'));
  if (given.field !== '' && !columns.includes(given.field)) throw new PythonError(`KeyError: '${given.field}'`);
  const wanted = listOf(given.values);
  const kept = rows.filter((row) => given.field === '' || wanted.includes(row[given.field])).map((row) => Number(row.cell_id));
  const keeps = new Set(kept);
  const filtered = labels.map((label) => (keeps.has(label) ? label : 0));
  writeNpy(inAnalysis('segmentation_data_filtered.npy'), filtered, width, height);
  const bytes = (of) => Uint8Array.from(filtered, of);
  await writeGrey(
    inAnalysis('segmentation_filtered_mask.tif'),
    bytes((label) => label),
    width,
    height,
  );
  await writeGrey(
    inAnalysis('segmentation_filtered_binary_mask.tif'),
    bytes((label) => (label > 0 ? 255 : 0)),
    width,
    height,
  );
  await drawBoundaries(inAnalysis('segmentation_filtered_boundaries.png'), filtered, width, height);
  if (given.lmd === 'yes') writeFileSync(inAnalysis('lmd_shapes.xml'), `<ImageData><ShapeCount>${kept.length}</ShapeCount></ImageData>\n`);
  tell(`${kept.length} cells kept =`, now());
});
