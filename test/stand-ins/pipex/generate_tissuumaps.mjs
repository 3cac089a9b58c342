import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

await runStep({ script: 'generate_tissuumaps.py', title: 'exporting tissuumaps', settings: 'tissuumaps', options }, async (given) => {
  const folder = join(given.data, 'analysis', 'downstream');
  const source = join(folder, 'anndata.h5ad');
  if (!existsSync(source)) throw new PythonError(`FileNotFoundError: [Errno 2] No such file or directory: '${source}'`);
  tell('AnnData loaded =', now());
  if (given.include_geojson === 'yes' && given.include_marker_images !== 'no') {
    const regions = join(given.data, 'analysis', 'cell_segmentation_geo.json');
    if (!existsSync(regions)) throw new PythonError(`FileNotFoundError: [Errno 2] No such file or directory: '${regions}'`);
    if (given.compress_geojson === 'yes') writeFileSync(join(given.data, 'analysis', 'cell_segmentation_geo.pbf'), 'pbf');
  }
  copyFileSync(source, join(folder, 'anndata_TissUUmaps.h5ad'));
  tell('AnnData TissUUmaps file saved =', now());
  if (given.include_html === 'yes') {
    try {
      if (process.env.STAND_IN_OFFLINE) throw new Error('plugins could not be downloaded');
      mkdirSync(join(folder, 'TissUUmaps_webexport', 'static', 'js'), { recursive: true });
      writeFileSync(join(folder, 'TissUUmaps_webexport', 'static', 'js', 'app.js'), '');
      writeFileSync(join(folder, 'TissUUmaps_webexport', 'index.html'), '<!doctype html><title>TissUUmaps</title>\n');
    } catch (error) {
      tell(` ${error.message}`);
    }
    // Said whether it was or not.
    tell('HTML static export saved =', now());
  }
  // A server that stays.
  if (given.launch === 'yes') await sleep(2 ** 31 - 1);
});
