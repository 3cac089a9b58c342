import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable, writeTable } from './lib/cell-table.mjs';
import { drawGrid, drawPoints } from './lib/draw.mjs';
import { now, tell } from './lib/log.mjs';
import { float, int, listOf, text, yesNo } from './lib/options.mjs';
import { PythonError, runStep } from './lib/step.mjs';

const options = {
  analysis_markers: text(),
  image_size: int(1000),
  use_bin: text(),
  cellsize_max: float(0),
  cellsize_min: float(0),
  log_norm: yesNo(),
  z_norm: yesNo(),
  minmax_norm: yesNo(),
  quantile_norm: yesNo(),
  batch_corr: text(),
  leiden: yesNo(),
  leiden_res: float(0.5, true),
  kmeans: yesNo(),
  k_clusters: int(10),
  k_estimation: yesNo(),
  refine_clusters: yesNo(),
  neigh_cluster_id: text(),
  neigh_k_values: { ...text('1,5,10'), mayBeEmpty: true },
  neigh_density_threshold: float(0.05, true),
};

const COLOURS = [0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf];

/** Groups of cells by how bright their first marker is: as many as asked for, and no more than there are cells. */
function cluster(rows, name, marker, groups) {
  const order = [...rows].sort((one, other) => Number(one[marker]) - Number(other[marker]));
  order.forEach((row, at) => {
    const group = Math.floor((at * groups) / order.length);
    row[name] = String(group);
    row[`${name}_color`] = String(COLOURS[group % COLOURS.length]);
  });
  return [name, `${name}_color`];
}

async function drawCluster(folder, name, rows) {
  const points = rows.map((row) => ({
    x: Number(row.x),
    y: Number(row.y),
    colour: `#${Number(row[`${name}_color`]).toString(16).padStart(6, '0')}`,
  }));
  const side = points.reduce((most, { x, y }) => Math.max(most, x, y), 50) + 10;
  for (const plot of ['umap', 'show_spatial']) await drawPoints(join(folder, `${plot}_${name}.jpg`), points, side, side);
  await drawGrid(join(folder, `heatmap_${name}.jpg`), [[0.2, 0.8]]);
}

function columnsThere(table, names) {
  const missing = names.find((name) => !table.columns.includes(name));
  if (missing !== undefined) throw new PythonError(`KeyError: '${missing}'`);
}

await runStep({ script: 'analysis.py', title: 'analysis', settings: 'analysis', options }, async (given) => {
  const place = join(given.data, 'analysis', 'cell_data.csv');
  const folder = join(given.data, 'analysis', 'downstream');
  const table = readTable(place);
  const markers = listOf(given.analysis_markers);
  if (markers.length === 0) throw new PythonError('ZeroDivisionError: division by zero');
  columnsThere(table, [...markers, ...(given.batch_corr === '' ? [] : [given.batch_corr])]);
  mkdirSync(folder, { recursive: true });
  writeTable(join(folder, 'cell_data_norm.csv'), table.columns, table.rows);
  const means = markers.map((marker) => ({ marker, num_cells: table.rows.length }));
  writeTable(join(folder, 'cell_data_markers.csv'), ['marker', 'num_cells'], means);
  tell('Markers information calculated =', now());
  const shades = markers.map((_, row) => markers.map((__, column) => (row === column ? 1 : 0.5)));
  for (const kind of ['pearson', 'spearman']) await drawGrid(join(folder, `correlation_heatmap_${kind}.jpg`), shades);
  await drawGrid(join(folder, 'markers_boxplot.jpg'), [markers.map(() => 0.5)]);
  writeFileSync(join(folder, 'markers_surface.html'), '<!doctype html><title>Markers</title>\n');
  const groups = { leiden: given.leiden === 'yes' ? 4 : 0, kmeans: given.kmeans === 'yes' ? given.k_clusters : 0 };
  const used = Object.entries(groups).filter(([, count]) => count > 0);
  const added = used.flatMap(([name, count]) => cluster(table.rows, name, markers[0], count));
  if (given.neigh_cluster_id !== '') columnsThere({ columns: [...table.columns, ...added] }, [given.neigh_cluster_id]);
  if (given.refine_clusters === 'yes' && !existsSync(join(given.data, 'cell_types.csv'))) tell('cell_types.csv not found =', now());
  for (const [name] of used) await drawCluster(folder, name, table.rows);
  if (used.length > 0) writeFileSync(join(folder, 'anndata.h5ad'), '\x89HDF\r\n\x1a\n');
  writeTable(place, [...table.columns.filter((name) => !added.includes(name)), ...added], table.rows);
});
