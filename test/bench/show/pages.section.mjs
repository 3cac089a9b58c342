/** What the pages of a full installation weigh in a browser with an empty cache: the heaviest of each kind, and whom they ask for anything. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { figure, HOME } from '../harness.mjs';

/** Most kilobytes, compressed. */
const MOST = { html: 30, css: 45, js: 40, viewer: 150, plots: 320 };

export async function alone() {
  const pages = await weigh();
  const scripts = (wanted) => pages.filter(({ hasViewer, hasPlots }) => (hasViewer ? 'viewer' : hasPlots ? 'plots' : 'js') === wanted);
  const elsewhere = pages.reduce((sum, page) => sum + page.elsewhere, 0);
  return [
    heaviest('HTML', 'html', pages, MOST.html),
    heaviest('CSS', 'css', pages, MOST.css),
    heaviest('JavaScript', 'js', scripts('js'), MOST.js),
    heaviest('JavaScript with images', 'js', scripts('viewer'), MOST.viewer),
    heaviest('JavaScript with plots', 'js', scripts('plots'), MOST.plots),
    figure('show', `requests to other hosts of ${pages.length} pages`, elsewhere, 'requests', { most: 0 }),
  ];
}

function heaviest(words, kind, pages, most) {
  if (pages.length === 0) throw new Error(`there is no page of the kind: ${words}`);
  const page = pages.reduce((one, other) => (other.weight[kind] > one.weight[kind] ? other : one));
  const aim = { aim: `≤ ${most} kB`, judge: (value) => value <= most };
  return figure('show', `${words}, cold, gzip, heaviest: ${page.name}`, page.weight[kind] / 1000, 'kB', aim);
}

/** @returns {Promise<import('./weigh-pages').Weighed[]>} */
function weigh() {
  const program = ['--no-warnings', '--require', './test/tools/load-typescript.cjs', join(import.meta.dirname, 'weigh-pages.ts')];
  const child = spawn(process.execPath, program, { cwd: HOME, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (piece) => (said += piece));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(said.trim().split('\n').at(-1))) : reject(new Error('the pages could not be weighed')),
    );
  });
}
