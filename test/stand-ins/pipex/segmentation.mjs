import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { segment } from '../../../config/pipelines/nuclei/lib/segment.mjs';
import { writeTiff } from '../../../config/pipelines/nuclei/lib/write-tiff.mjs';
import { grow } from '../lib/grow.mjs';
import { writeTable } from './lib/cell-table.mjs';
import { drawBoundaries, drawOver, writeGrey } from './lib/draw.mjs';
import { imagesOf } from './lib/images.mjs';
import { cellsOf, SCORES } from './lib/measure-cells.mjs';
import { now, tell } from './lib/log.mjs';
import { writeNpy } from './lib/npy.mjs';
import { float, int, listOf, text, yesNo } from './lib/options.mjs';
import { PythonError, runStep, ToldError } from './lib/step.mjs';

const options = {
  nuclei_marker: text(),
  nuclei_diameter: int(0),
  nuclei_expansion: int(0),
  nuclei_definition: float(0),
  nuclei_closeness: float(0),
  nuclei_area_limit: float(0),
  membrane_marker: text(),
  membrane_diameter: int(0),
  membrane_compactness: float(0.9),
  membrane_keep: yesNo(),
  custom_segmentation: text(),
  custom_segmentation_type: { type: ['full', 'nuc', 'mem'], default: 'full' },
  measure_markers: text(),
  gmm_min_separation: float(0.5, true),
};

/** Nuclei of the image; the growth is that of the option, within the picture. */
function labelsOf(image, { nuclei_expansion: growth, nuclei_area_limit: most }) {
  const choices = { sigma: 1, factor: 0.9, minArea: 12, maxArea: most, split: true, distance: 4, background: 0, dropEdge: false };
  const { labels, count } = segment(image, choices, () => {});
  return { labels: grow(labels, image.width, Math.min(growth, 5)), count };
}

async function writeMasks(data, image, labels) {
  const { width, height } = image;
  const inAnalysis = (name) => join(data, 'analysis', name);
  writeNpy(inAnalysis('segmentation_data.npy'), labels, width, height);
  tell('Final joined segmentation result numpy binary data saved =', now());
  await drawOver(inAnalysis('segmentation_mask_show.jpg'), image, labels);
  await writeGrey(
    inAnalysis('segmentation_binary_mask.tif'),
    labels.map((label) => (label > 0 ? 255 : 0)),
    width,
    height,
  );
  const most = labels.reduce((top, label) => Math.max(top, label), 0);
  if (most <= 255) await writeGrey(inAnalysis('segmentation_mask.tif'), labels, width, height);
  else await writeTiff(inAnalysis('segmentation_mask.tif'), (most > 65_535 ? Uint32Array : Uint16Array).from(labels), width, height);
  await drawBoundaries(inAnalysis('segmentation_boundaries.png'), labels, width, height);
  tell('Final joined segmentation result image saved =', now());
}

async function findCells(given) {
  const { data, nuclei_marker: nuclei, membrane_marker: membrane } = given;
  const image = (await imagesOf(data, [nuclei])).get(nuclei);
  if (!image) throw new PythonError("AttributeError: 'NoneType' object has no attribute 'shape'");
  if (given.membrane_diameter > 0 && !(membrane && (await imagesOf(data, [membrane])).has(membrane))) {
    tell('WARNING: membrane image not found, continuing without =', now());
    throw new PythonError("TypeError: 'NoneType' object is not subscriptable");
  }
  const { labels, count } = labelsOf(image, given);
  await drawOver(join(data, 'analysis', 'quality_control', 'stardist_result.jpg'), image, labels);
  tell(`Stardist prediction done, ${count} nuclei =`, now());
  await drawOver(join(data, 'analysis', 'quality_control', 'stardist_result_expanded.jpg'), image, labels);
  if (given.membrane_diameter > 0)
    await drawOver(join(data, 'analysis', 'quality_control', 'wathershed_tile_0_0_result.jpg'), image, labels);
  return { image, labels, count };
}

await runStep({ script: 'segmentation.py', title: 'segmentation', settings: 'segmentation', options }, async (given) => {
  const markers = listOf(given.measure_markers);
  const measured = await imagesOf(given.data, markers);
  const missing = markers.filter(
    (marker) => !measured.has(marker) && ![...measured.values()].some(({ name }) => name.includes(`${marker}.`)),
  );
  if (missing.length > 0)
    throw new ToldError(`the following markers were not found as image files in ${given.data}: ${missing.join(', ')}`);
  if (given.custom_segmentation !== '') throw new PythonError("NameError: name 'custom_labels' is not defined");
  mkdirSync(join(given.data, 'analysis', 'quality_control'), { recursive: true });
  const { image, labels, count } = await findCells(given);
  await writeMasks(given.data, image, labels);
  const cells = cellsOf(labels, image, count, markers, measured);
  for (const marker of measured.keys()) tell(`Marker ${marker} calculated =`, now());
  const columns = ['cell_id', 'size', 'x', 'y', 'solidity', 'eccentricity', 'memref', ...markers];
  const scores = markers.flatMap((marker) => SCORES.map((score) => marker + score));
  writeTable(join(given.data, 'analysis', 'cell_data.csv'), [...columns, ...scores], cells);
});
