import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { renderArguments } from '../../../src/common/pipelines/arguments';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { compileProduct, type Product } from '../../product';

const PAGE = resolve(__dirname, '..', '..', '..', 'docs', 'first-pipeline.md');
const MANIFEST = 'config/pipelines/peaks/pipeline.yaml';

/** The blocks of the page in their order: language and content. */
function blocks(): { language: string; content: string }[] {
  return [...readFileSync(PAGE, 'utf8').matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, content]) => ({ language, content }));
}

describe('docs/first-pipeline.md', () => {
  let product: Product;
  let folder: string;
  beforeAll(() => {
    product = compileProduct();
    folder = mkdtempSync(join(tmpdir(), 'showrunner-walk-'));
    mkdirSync(join(folder, 'config', 'pipelines'), { recursive: true });
  });
  afterAll(() => {
    product.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Types the lines of a block into a shell in which npm is only this program. */
  function type(lines: string): string {
    const npm = `npm() { shift 4; ${JSON.stringify(process.execPath)} ${JSON.stringify(join(product.home, 'dist', 'pipeline.js'))} "$@"; }\n`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', `exec 2>&1\n${npm}${lines}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    return (stdout + stderr).replaceAll(/\([\d.]+ s\)/g, '(… s)');
  }

  it('can be followed word by word', async () => {
    let said = '';
    let commands = 0;
    for (const { language, content } of blocks()) {
      if (language === 'python') writeFileSync(join(folder, 'find_peaks.py'), content);
      if (language === 'yaml') {
        const [first] = readFileSync(join(folder, MANIFEST), 'utf8').split('\n');
        writeFileSync(join(folder, MANIFEST), `${first}\n${content}`);
      }
      if (language === 'sh') {
        said = type(content);
        commands += 1;
      }
      if (language === 'text') expect(said).toBe(content);
    }
    expect(commands).toBeGreaterThan(6);
    // The line that the page begins with is what the form gives.
    const manifest = compileYaml('peaks', readFileSync(join(folder, MANIFEST), 'utf8'));
    if (Array.isArray(manifest)) throw new Error(manifest.join('\n'));
    const words = await renderArguments(
      manifest,
      { signal: 'x', column: 'mV', least: '2.5', sign: 'up' },
      { resolveFile: () => 'signal.csv', outputFolder: '/o' },
    );
    expect([...manifest.runtime.command, ...words].join(' ')).toBe(
      'python3 ./find_peaks.py signal.csv --column=mV --least=2.5 --sign=up --out=peaks.csv',
    );
  }, 120_000);
});
