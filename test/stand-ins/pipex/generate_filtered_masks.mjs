import { copyFileSync, writeFileSync } from 'node:fs';
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

/** Masks of all cells, or of a tile of them, as numbers and as pictures. */
async function writeMasks(inAnalysis, { numbers, pictures }, labels, width, height) {
  writeNpy(inAnalysis(`${numbers}.npy`), labels, width, height);
  const bytes = (of) => Uint8Array.from(labels, of);
  await writeGrey(inAnalysis(`${pictures}_mask.tif`), bytes((label) => label), width, height); // prettier-ignore
  await writeGrey(inAnalysis(`${pictures}_binary_mask.tif`), bytes((label) => (label > 0 ? 255 : 0)), width, height); // prettier-ignore
  await drawBoundaries(inAnalysis(`${pictures}_boundaries.png`), labels, width, height);
}

/** Squares of the picture; with `extend_tile` there are no smaller ones at its end. */
function* tilesOf(labels, width, height, { tile_size: side, extend_tile: extended }) {
  const count = (length) => (extended === 'yes' ? Math.floor(length / side) : Math.ceil(length / side));
  const [rows, columns] = [count(height), count(width)];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const bottom = extended === 'yes' && row === rows - 1 ? height : Math.min(height, (row + 1) * side);
      const right = extended === 'yes' && column === columns - 1 ? width : Math.min(width, (column + 1) * side);
      const [left, top] = [column * side, row * side];
      const cut = [];
      for (let y = top; y < bottom; y += 1) cut.push(...labels.slice(y * width + left, y * width + right));
      yield { name: `${row}_${column}`, labels: Int32Array.from(cut), width: right - left, height: bottom - top };
    }
  }
}

function writeShapes(inAnalysis, count) {
  copyFileSync(inAnalysis('segmentation_boundaries.png'), inAnalysis('lmd_calibration_points_overlay.png'));
  writeFileSync(inAnalysis('lmd_shapes.xml'), `<ImageData><ShapeCount>${count}</ShapeCount></ImageData>\n`);
}

await runStep({ script: 'generate_filtered_masks.py', title: 'generate_filtered_masks', settings: 'filter', options }, async (given) => {
  const inAnalysis = (name) => join(given.data, 'analysis', name);
  const { labels, width, height } = readNpy(inAnalysis('segmentation_data.npy'));
  const { columns, rows } = readTable(inAnalysis('cell_data.csv'));
  const isFiltered = given.field !== '' && given.values !== '';
  if (isFiltered && !columns.includes(given.field)) throw new PythonError(`KeyError: '${given.field}'`);
  const wanted = listOf(given.values);
  const keeps = new Set(rows.filter((row) => !isFiltered || wanted.includes(row[given.field])).map((row) => Number(row.cell_id)));
  const filtered = labels.map((label) => (keeps.has(label) ? label : 0));
  const names = { numbers: 'segmentation_data_filtered', pictures: 'segmentation_filtered' };
  if (isFiltered) await writeMasks(inAnalysis, names, filtered, width, height);
  if (given.lmd === 'yes') writeShapes(inAnalysis, keeps.size);
  for (const tile of given.tile_size > 0 ? tilesOf(filtered, width, height, given) : []) {
    const tileNames = { numbers: `${names.numbers}_tile_${tile.name}`, pictures: `${names.pictures}_tile_${tile.name}` };
    await writeMasks(inAnalysis, tileNames, tile.labels, tile.width, tile.height);
  }
  tell(`${keeps.size} cells kept =`, now());
});
