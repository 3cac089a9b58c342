import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { PLOT_DATA, PLOTS } from '../hostile-files';
import { SHIPPED } from '../pipelines/shipped';
import { PYTHON, STAND_INS } from '../pipelines/stand-in';

/** Writes a line every fifth of a second, for ten minutes or until its folder is gone. */
const SLOW = `#!/bin/sh
##~~ title: Slow count
##~~ summary: Counts to three thousand.
##~~ label=overnight - what it is called
##~~ output=count.txt - the numbers
for i in $(seq 1 3000); do echo "step $i of 3000, $1"; echo "$i" >>"$2" || exit; sleep 0.2; done
`;

const BROKEN = `#!/bin/sh
##~~ title: Broken count
##~~ output=count.txt - the numbers
echo "reading the image"
echo "ERROR: there is no image for marker CD45" >&2
exit 3
`;

const QUICK = `title: Quick count
summary: Counts cells at once.
command: [./quick.sh]
parameters:
  - { name: label, type: string, label: Label, default: core C7 }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 1000 }
arguments: ['{label}', '{sigma}']
outputs: [{ glob: cells.csv, kind: table, title: Cells }]
`;
const QUICK_SCRIPT = `#!/bin/sh
printf 'cell,area,label\\n1,%s,"%s"\\n2,7,b\\n' "$2" "$1" >cells.csv
`;

/** Kills the shell that watches over it, so that nobody will learn its exit status. */
const UNWATCHED = `#!/bin/sh
##~~ title: Unwatched
##~~ output=count.txt - the numbers
kill -9 "$PPID"
while [ -d "$PWD" ]; do sleep 1; done
`;

/** Tables of several shapes: `cells.csv`, `markers.csv` with many columns, and one that nobody can read. */
const MEASURE = `#!/bin/sh
##~~ title: Measure
##~~ summary: Measures each cell.
##~~ cells:integer=3000 - how many
##~~ output=count.txt - the number
awk -v cells="$1" 'BEGIN { srand(7); print "cell_id,x,y,area,label,note"; for (i = 1; i <= cells; i++) printf "%d,%.3f,%.3f,%.2f,%s,%s\\n", i, rand() * 2048, rand() * 2048, 40 + 400 * rand() * rand(), substr("tumourstromaimmune", 1 + 6 * (i % 3), 6), i % 50 ? "" : "\\"=1+1, <b>bold</b>, a remark that goes on for longer than any column of any table is wide\\"" }' >cells.csv
awk 'BEGIN { for (c = 1; c <= 80; c++) printf "%smarker_%02d", (c == 1 ? "" : ","), c; print ""; for (r = 1; r <= 300; r++) { for (c = 1; c <= 80; c++) printf "%s%d", (c == 1 ? "" : ","), (r * c) % 997; print "" } }' >markers.csv
printf 'a,b\\n1,"never closed\\n2,3\\n' >unclosed.csv
: >empty.csv
echo "$1" >"$2"
`;

const REPORTS = `title: Reports
summary: Draws plots, and writes a report.
command: [./job.sh]
arguments: []
outputs:
  - { glob: figures.json, kind: figures, title: At a glance, caption: Of all fields together. }
  - { glob: good.vl.json, kind: plot, title: Cells by class, caption: From the table of cells. }
  - { glob: elsewhere.vl.json, kind: plot, title: Cells of another project }
  - { glob: report.html, kind: html, title: Report of the run, caption: 'Written by the pipeline, and shown apart from the pages here.' }
  - { glob: site/index.html, kind: site, title: Tissue in layers, caption: Every marker as a layer. }
  - { glob: tables/counts.csv, kind: table, title: Counts, open: ellviewer }
  - { glob: config.json, kind: json, title: Options }
  - { glob: notes.txt, kind: text, title: Notes }
`;
const REPORTS_SCRIPT = `#!/bin/sh
cp -R "$(dirname "$0")/files/." .
printf '\\033[32mdone\\033[0m \\033]8;;javascript:alert(1)\\007a link\\033]8;;\\007\\n'
`;
const REPORT = `<!doctype html><html lang="en"><head><title>Report</title><style>body{font:16px sans-serif;margin:2rem;color:#223}table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.3rem .8rem}</style></head>
<body><h1>Quality of the segmentation</h1><p>412 of 884 cells are tumour cells.</p><table><tr><th>Class</th><th>Cells</th></tr><tr><td>Tumour</td><td>412</td></tr><tr><td>Stroma</td><td>230</td></tr></table></body></html>`;
export const SMALL_PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj ' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>';

const REPORT_FILES: Record<string, string> = {
  'report.html': REPORT,
  'site/index.html': REPORT,
  'tables/counts.csv': PLOT_DATA,
  'good.vl.json': JSON.stringify(PLOTS['good'].spec),
  'elsewhere.vl.json': JSON.stringify(PLOTS['elsewhere'].spec),
  'figures.json': JSON.stringify([
    { name: 'Cells', value: 3884 },
    { name: 'Tumour cells', value: 46.6, unit: '%' },
    { name: 'Median area', value: 118.402, unit: 'µm²' },
    { name: 'Fields out of focus', value: 0 },
    { name: 'Model', value: 'stardist 2D_versatile_fluo' },
    { name: 'Passed', value: true },
  ]),
  'config.json': JSON.stringify({ threshold: 0.31, channels: ['DAPI', 'CD8'], model: { name: 'stardist', tiles: [4, 4] } }),
  'notes.txt': `${Array.from({ length: 30 }, (_, index) => `Field ${index + 1}: well in focus.`).join('\n')}\n`,
  'summary.pdf': SMALL_PDF,
};

/** A pipeline as it ships, but for what starts its program: the stand-in of the tool as a local process. */
function asProcess(id: string, command: string[], env: Record<string, string>): string {
  const { compose: _compose, ...manifest } = parse(readFileSync(join(SHIPPED, id, 'pipeline.yaml'), 'utf8')) as Record<string, unknown>;
  return stringify({ ...manifest, command, env });
}

const NODE = { STAND_IN_NODE: process.execPath, PATH: process.env['PATH'] ?? '' };

/** Pipelines of a laboratory beside those that ship, by path. */
export const LABORATORY_PIPELINES: Record<string, string> = {
  'slow.sh': SLOW,
  'broken.sh': BROKEN,
  'unwatched.sh': UNWATCHED,
  'measure.sh': MEASURE,
  'quick/pipeline.yaml': QUICK,
  'quick/quick.sh': QUICK_SCRIPT,
  'reports/pipeline.yaml': REPORTS,
  'reports/job.sh': REPORTS_SCRIPT,
  ...Object.fromEntries(Object.entries(REPORT_FILES).map(([name, content]) => [`reports/files/${name}`, content])),
  'pipex/pipeline.yaml': asProcess('pipex', [process.execPath, join(STAND_INS, 'pipex', 'pipex.mjs')], NODE),
  'hpaseg/pipeline.yaml': asProcess('hpaseg', [process.execPath, './segment.mjs'], {
    ...NODE,
    HPASEG_HOME: join(STAND_INS, 'hpaseg'),
    HPASEG_PYTHON: PYTHON,
  }),
};
