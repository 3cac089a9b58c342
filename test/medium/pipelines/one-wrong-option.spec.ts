import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { filesFor } from '../../../src/common/pipelines/argument-files/render-files';
import type { Manifest, Parameter } from '../../../src/common/pipelines/manifest';
import { checked, PLACES, shipped } from '../../pipelines/shipped';

/** What people type by mistake or malice, and what looks like a number, a truth value or a name and is none to the tool. */
const ODD = [
  ' ', '-1', '+5', '1e3', '０', '99999999999999999999', '30', '0.5', 'yes', 'a b', 'a,b', "a'b", '$(id)', '-launch=yes', 'leiden', '3:1:2', 'a\nb',
]; // prettier-ignore

type Entered = Record<string, unknown>;

/** Every form that differs from a good one in one field, as far as it is accepted, with the files that it gives. */
async function accepted(manifest: Manifest, good: Entered, names: string[] = []) {
  const found: { field: string; odd: string; files: Record<string, string> }[] = [];
  for (const parameter of manifest.parameters) {
    for (const odd of ODD) {
      for (const changed of variants(parameter, odd, good[parameter.name])) {
        const check = await checked(manifest, { ...good, [parameter.name]: changed }, names);
        if (!check.ok) continue;
        const { written } = filesFor(manifest, check.values, PLACES);
        found.push({ field: parameter.name, odd, files: Object.fromEntries(written.map(({ path, content }) => [path, content])) });
      }
    }
  }
  return found;
}

/** A value alone, one among several, or in each cell of a row. */
function variants(parameter: Parameter, odd: string, good: unknown): unknown[] {
  if (parameter.type === 'table') {
    const [first, ...rest] = good as Entered[];
    return parameter.columns.map(({ name, type }) => [{ ...first, [name]: type === 'file' ? `project:${odd}` : odd }, ...rest]);
  }
  if (parameter.type === 'files') return [[...((good as string[] | undefined) ?? []), `project:${odd}.tif`]];
  return Array.isArray(good) ? [[odd], [...(good as string[]), odd]] : [odd];
}

/** The words that a shell makes of each line, with what it would start counted as a fault. */
function wordsOf(lines: string[]): string[][] {
  const script = lines.map((line) => `printf '%s\\0' ${line}\nprintf '\\1'\n`).join('');
  const told = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { PATH: '/nowhere' }, maxBuffer: 1 << 28 });
  return told.split('\x01').slice(0, -1).map((line) => line.split('\0').slice(0, -1)); // prettier-ignore
}

const INT = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const YES_NO = /^(yes|no)$/;
/** One word of a list, or several behind commas. */
const NAMES = /^[\p{L}\p{M}\p{N}_+@%.-]+(,[\p{L}\p{M}\p{N}_+@%.-]+)*$/u;
const NAME = /^[\p{L}\p{M}\p{N}_+@%.-]+$/u;
const between =
  (form: RegExp, least: number, most: number, zero = false) =>
  (value: string) =>
    form.test(value) && ((zero && Number(value) === 0) || (Number(value) >= least && Number(value) <= most));
const like = (form: RegExp) => (value: string) => form.test(value);

/** All options of PIPEX 2.0 that may be written, and what each may be. None is given twice, and no other is known. */
const OPTIONS: Record<string, Record<string, (value: string) => boolean>> = {
  'preprocessing.py': {
    preprocess_markers: like(NAMES), threshold_min: between(FLOAT, 0, 100), threshold_max: between(FLOAT, 0, 100), tophat_radius: between(INT, 0, 1e9),
    otsu_threshold_levels: like(/^(0|[2-9](:[0-7]:[1-8])?)$/), flatten_spots: like(YES_NO), balance_tiles: like(YES_NO), tile_size: between(INT, 16, 1e9),
    light_gradient: between(INT, 1, 4), stitch_size: between(INT, 0, 1e9), exposure: between(INT, 1, 1e9),
  },
  'segmentation.py': {
    nuclei_marker: like(NAME), nuclei_diameter: between(INT, 1, 1e9), nuclei_expansion: between(INT, 0, 1e9),
    nuclei_definition: between(FLOAT, 0.001, 0.999, true), nuclei_closeness: between(FLOAT, 0.001, 0.999, true), nuclei_area_limit: between(FLOAT, 0, 1e300),
    membrane_marker: like(NAME), membrane_diameter: between(INT, 1, 1e9), membrane_compactness: between(FLOAT, 0.001, 0.999), membrane_keep: like(YES_NO),
    measure_markers: like(NAMES), gmm_min_separation: between(FLOAT, 0, 1e300),
  },
  'analysis.py': {
    analysis_markers: like(NAMES), image_size: between(INT, 1, 1e9), use_bin: like(NAMES), cellsize_max: between(FLOAT, 0, 100), cellsize_min: between(FLOAT, 0, 100),
    log_norm: like(YES_NO), z_norm: like(YES_NO), minmax_norm: like(YES_NO), quantile_norm: like(YES_NO), batch_corr: like(NAME), leiden: like(YES_NO),
    leiden_res: between(FLOAT, 0.001, 1e300), kmeans: like(YES_NO), k_clusters: between(INT, 1, 1e9), k_estimation: like(YES_NO), refine_clusters: like(YES_NO),
    neigh_cluster_id: like(NAME), neigh_k_values: like(/^[+]?\d+(,[+]?\d+){0,2}$/), neigh_density_threshold: between(FLOAT, 0, 1),
  },
  'generate_geojson.py': { cluster_id: like(/^$|^[\p{L}\p{M}\p{N}_+@%.-]+$/u), included_markers: like(NAMES), cluster_color: like(NAME) },
  'generate_filtered_masks.py': {
    field: like(NAME), values: like(/^[\p{L}\p{M}\p{N}_+@%. ,-]+$/u), lmd: like(YES_NO), shape_dilation: between(INT, 0, 1e9), convolution_smoothing: between(INT, 0, 1e9),
    path_optimization: like(/^(none|hilbert|greedy)$/), distance_heuristic: between(INT, 0, 1e9), tile_size: between(INT, 0, 1e9), tile_overlap: between(INT, 0, 1e9),
    tile_percentage_overlap: between(INT, 0, 99), tile_relabel: like(YES_NO), extend_tile: like(YES_NO),
  },
  'generate_tissuumaps.py': {
    include_marker_images: like(NAMES), include_geojson: like(YES_NO), compress_geojson: like(YES_NO), include_html: like(YES_NO),
  },
}; // prettier-ignore

/** What is wrong with the words of one line; undefined for nothing. */
function jobFault([script = '', data = '', ...options]: string[]): string | undefined {
  if (script === 'max_res') return options.length === 0 && INT.test(data) ? undefined : 'max_res';
  const known = OPTIONS[script];
  if (!known) return `no script ${script}`;
  if (data !== '-data=/srv/files/runs/12/data' || options.length === 0) return 'data folder';
  const seen = new Set<string>();
  for (const option of options) {
    const [, name = '', value = ''] = /^-(\w+)=([^]*)$/.exec(option) ?? [];
    if (!known[name]?.(value) || seen.size === seen.add(name).size) return option;
  }
  return undefined;
}

const PIPEX = {
  images: ['project:DAPI.tif', 'project:CDH1.tif', 'project:CD8.tif'],
  preprocess: 'true', preprocess_markers: ['DAPI'], otsu_threshold_levels: '4:1:2', flatten_spots: 'true', balance_tiles: 'true',
  segment: 'true', nuclei_marker: 'DAPI', membrane_marker: 'CDH1', measure_markers: ['DAPI', 'CD8'],
  analyse: 'true', analysis_markers: ['DAPI', 'CD8'], use_bin: '_otsu3', batch_corr: 'memref', leiden: 'true', kmeans: 'true', refine_clusters: 'true',
  cell_types: 'project:types.csv', neigh_cluster_id: 'leiden', geojson: 'true', included_markers: ['CD8'], cluster_id: 'leiden', cluster_color: 'leiden_color',
  filter: 'true', field: 'leiden', values: '3,4', lmd: 'true', path_optimization: 'greedy',
  tissuumaps: 'true', marker_images: 'some', include_marker_images: ['CD8'], include_geojson: 'true',
}; // prettier-ignore

describe('a form with one odd entry', () => {
  it('is refused, or gives a batch that PIPEX reads as it was meant', async () => {
    const found = await accepted(shipped('pipex'), PIPEX);
    expect(found.length).toBeGreaterThan(100);
    const lines = found.flatMap(
      ({ field, odd, files }) =>
      files['pipex_batch_list.txt'].trimEnd().split('\n').map((line) => ({ line, from: `${field} = ${JSON.stringify(odd).slice(0, 60)}` })), // prettier-ignore
    );
    const different = [...new Map(lines.map((one) => [one.line, one])).values()];
    const words = wordsOf(different.map(({ line }) => line));
    expect(words).toHaveLength(different.length);
    const faults = different.flatMap(({ from }, index) => jobFault(words[index]) === undefined ? [] : [`${from}: ${jobFault(words[index])}`]); // prettier-ignore
    expect(faults).toEqual([]);
    // Two thousand forms.
  }, 120_000);

  it('is refused, or gives a list that HPAseg reads as it was meant', async () => {
    const fov = (sample: string) => ({
      ...Object.fromEntries(['red', 'yellow', 'blue', 'green'].map((channel) => [channel, `project:${sample}_${channel}.tif`])),
      sample,
    });
    const found = await accepted(shipped('hpaseg'), { fovs: [fov('a'), fov('b')] });
    expect(found.length).toBeGreaterThan(10);
    for (const { field, odd, files } of found) {
      const [head = '', ...rows] = files['path_list.csv'].split('\n');
      const cells = rows.slice(0, -1).map((row) => row.split(','));
      const isRead = cells.every(([red = '', , blue = '', , masks, , prefix = '', ...more]) => {
        const sample = prefix.slice(0, -1);
        return (
          more.length === 0 && masks === 'masks' && red.startsWith(`images/${sample}_red.`) && blue.startsWith(`images/${sample}_blue.`)
        );
      });
      const options = parse(files['config.yaml'], { version: '1.1' }) as Record<string, unknown>;
      const { crop_cells: crops, crop_size: size = 16, crop_bitdepth: bits = 8 } = options;
      const isTyped = typeof crops === 'boolean' && Number.isInteger(size) && (bits === 8 || bits === 16);
      expect([field, odd, head.startsWith('#'), cells.length, isRead, isTyped]).toEqual([field, odd, true, 2, true, true]);
      expect(cells.flat().every((cell) => cell === cell.trim())).toBe(true);
    }
  });
});
