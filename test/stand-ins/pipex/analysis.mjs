import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTable, writeTable } from './lib/cell-table.mjs';
import { drawGrid, drawPoints } from './lib/draw.mjs';
import { now, tell } from './lib/log.mjs';
import { float, int, listOf, text, yesNo } from './lib/options.mjs';
import { PythonError, runStep, ToldError } from './lib/step.mjs';

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

function markersThere(table, markers) {
  const missing = markers.filter((name) => !table.columns.includes(name));
  if (missing.length > 0) throw new ToldError(`the following markers were not found as columns in cell_data.csv: ${missing.join(', ')}`);
  if (markers.length === 0) throw new PythonError('ZeroDivisionError: division by zero');
}

/** The types of `cell_types.csv` by their ref_id; a table that is not there or lacks columns is told of, and does without. */
function cellTypes(data) {
  const file = join(data, 'cell_types.csv');
  if (!existsSync(file)) return tell('Failed to read cell_types.csv =', now());
  const { columns, rows } = readTable(file);
  const isWhole = ['ref_id', 'cell_group', 'cell_type', 'cell_subtype', 'rank_filter', 'min_confidence'].every((one) =>
    columns.includes(one),
  );
  return isWhole ? [...new Set(rows.map((row) => row.ref_id))] : tell('cell_types.csv is malformed =', now());
}

/** How groups lie beside one another. */
function compareNeighbours(folder, { columns, rows }, column) {
  columnsThere({ columns }, [column]);
  const types = [...new Set(rows.map((row) => row[column]))];
  const told = types.map((type) => ({ cell_type: type, n_cells: rows.filter((row) => row[column] === type).length }));
  writeTable(join(folder, `${column}_spatial_distribution.csv`), ['cell_type', 'n_cells'], told);
}

await runStep({ script: 'analysis.py', title: 'analysis', settings: 'analysis', options }, async (given) => {
  const place = join(given.data, 'analysis', 'cell_data.csv');
  const folder = join(given.data, 'analysis', 'downstream');
  const table = readTable(place);
  const scores = listOf(given.use_bin);
  const markers = listOf(given.analysis_markers).flatMap((marker) =>
    scores.length > 0 ? scores.map((score) => marker + score) : [marker],
  );
  markersThere(table, markers);
  columnsThere(table, given.batch_corr === '' ? [] : [given.batch_corr]);
  mkdirSync(folder, { recursive: true });
  writeTable(join(folder, 'cell_data_norm.csv'), table.columns, table.rows);
  const means = markers.map((marker) => ({ marker, num_cells: table.rows.length, [marker]: 1 }));
  writeTable(join(folder, 'cell_data_markers.csv'), ['marker', 'num_cells', ...markers], means);
  tell('Markers information calculated =', now());
  const shades = markers.map((_, row) => markers.map((__, column) => (row === column ? 1 : 0.5)));
  for (const kind of ['pearson', 'spearman']) await drawGrid(join(folder, `correlation_heatmap_${kind}.jpg`), shades);
  await drawGrid(join(folder, 'markers_boxplot.jpg'), [markers.map(() => 0.5)]);
  writeFileSync(join(folder, 'markers_surface.html'), '<!doctype html><title>Markers</title>\n');
  if (markers.length === 1)
    throw new PythonError("ValueError: n_components=0 must be between 1 and min(n_samples, n_features)=1 with svd_solver='arpack'");
  const groups = { leiden: given.leiden === 'yes' ? 4 : 0, kmeans: given.kmeans === 'yes' ? given.k_clusters : 0 };
  const used = Object.entries(groups).filter(([, count]) => count > 0);
  const added = used.flatMap(([name, count]) => cluster(table.rows, name, markers[0], count));
  const types = given.refine_clusters === 'yes' ? (cellTypes(given.data) ?? []) : [];
  for (const [name] of used) for (const type of types) writeFileSync(join(folder, `cell_types_result_${name}${type}.json`), '{}\n');
  if (given.neigh_cluster_id !== '') compareNeighbours(folder, { ...table, columns: [...table.columns, ...added] }, given.neigh_cluster_id);
  for (const [name] of used) await drawCluster(folder, name, table.rows);
  if (used.length > 0) writeFileSync(join(folder, 'anndata.h5ad'), '\x89HDF\r\n\x1a\n');
  writeTable(place, [...table.columns.filter((name) => !added.includes(name)), ...added], table.rows);
});
