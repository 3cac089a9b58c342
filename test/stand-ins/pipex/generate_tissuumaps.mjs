import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readTable } from './lib/cell-table.mjs';
import { fits } from './lib/images.mjs';
import { now, tell } from './lib/log.mjs';
import { text, yesNo } from './lib/options.mjs';
import { PythonError, runStep } from './lib/step.mjs';

const options = {
  include_marker_images: text('no'),
  include_geojson: yesNo(),
  compress_geojson: yesNo(),
  include_html: yesNo(),
  launch: yesNo(),
};

/** What it cannot find it leaves out. */
function addRegions({ data, include_geojson: regions, include_marker_images: images, compress_geojson: compress }) {
  if (regions !== 'yes') return;
  if (images === 'no') return tell('Impossible to display geojson without a background image');
  if (!existsSync(join(data, 'analysis', 'cell_segmentation_geo.json'))) {
    return tell('Impossible to display geojson without a cell segmentation file');
  }
  if (compress === 'yes') writeFileSync(join(data, 'analysis', 'cell_segmentation_geo.pbf'), 'pbf');
}

/** "yes" are all that were analysed; of the files that fit a marker the first counts. */
function addLayers({ data, include_marker_images: images }) {
  if (images === 'no') return;
  const { columns } = readTable(join(data, 'analysis', 'downstream', 'cell_data_markers.csv'));
  const markers = images === 'yes' ? columns.slice(columns.indexOf('num_cells') + 1) : images.split(',');
  const files = readdirSync(data).sort();
  for (const marker of markers) {
    if (!files.some((file) => fits(file, `*${marker}.*`))) tell(`Warning: no image found for marker ${marker}, skipping layer`);
  }
}

await runStep({ script: 'generate_tissuumaps.py', title: 'exporting tissuumaps', settings: 'tissuumaps', options }, async (given) => {
  const folder = join(given.data, 'analysis', 'downstream');
  const source = join(folder, 'anndata.h5ad');
  if (!existsSync(source)) throw new PythonError(`FileNotFoundError: [Errno 2] No such file or directory: '${source}'`);
  tell('AnnData loaded =', now());
  addRegions(given);
  addLayers(given);
  copyFileSync(source, join(folder, 'anndata_TissUUmaps.h5ad'));
  tell('AnnData TissUUmaps file saved =', now());
  if (given.include_html === 'yes') {
    // What goes wrong with the page itself is swallowed, and it is said to be saved.
    if (!process.env.STAND_IN_NO_PAGE) {
      mkdirSync(join(folder, 'TissUUmaps_webexport', 'static', 'js'), { recursive: true });
      writeFileSync(join(folder, 'TissUUmaps_webexport', 'static', 'js', 'app.js'), '');
      writeFileSync(join(folder, 'TissUUmaps_webexport', 'index.html'), '<!doctype html><title>TissUUmaps</title>\n');
    }
    tell('HTML static export saved =', now());
    if (process.env.STAND_IN_OFFLINE)
      throw new PythonError('urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>');
    tell('TissUUmaps plugins downloaded =', now());
  }
  // A server that stays.
  if (given.launch === 'yes') await sleep(2 ** 31 - 1);
});
