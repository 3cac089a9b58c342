import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ALL_SCOPES, programOf } from '../../api-client';
import { ShowStage } from '../show/show-stage';

const docs = readFileSync(join(resolve(__dirname, '..', '..', '..'), 'docs', 'api.md'), 'utf8');
const blocks = [...docs.matchAll(/```sh\n([^]*?)```/g)].map(([, script]) => script);

describe('docs/api.md', () => {
  let stage: ShowStage;
  let folder: string;

  beforeAll(async () => {
    stage = await ShowStage.open({ API_RATE: '1000' });
    folder = mkdtempSync(join(tmpdir(), 'showrunner-docs-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stage?.close();
  });

  it('shows commands that work, one after the other', async () => {
    const { project, web } = stage;
    writeFileSync(genome(), '>a\nACGT\n');
    const users = web.app.get(UsersRepository);
    await users.setAdmin(project.ownerId, true);
    const { token } = await programOf(web, (await users.findById(project.ownerId))!.email!, ALL_SCOPES);
    // The first says where all this is.
    expect(blocks[0]).toMatch(/^export SITE=.*\nexport TOKEN=srn_.*\nexport PROJECT=/);
    expect(blocks.length).toBeGreaterThan(8);
    let run = 0;
    for (const [index, block] of blocks.slice(1).entries()) {
      const script = join(folder, 'script.sh');
      writeFileSync(
        script,
        `set -eu\n[ ! -f state ] || . ./state\n${block}\nset >state.all\ngrep -E '^(RUN|AGAIN)=' state.all >state || true\n`,
      );
      const environment = { SITE: `http://localhost:${web.port}`, TOKEN: token!, PROJECT: project.id };
      const { status, output } = await shell(script, folder, environment);
      expect([index, block, status, output]).toEqual([index, block, 0, output]);
      if (run > 0 || !block.includes('RUN=')) continue;
      run = Number(/"run":\{"id":(\d+)/.exec(output)?.[1]);
      await end(run);
    }
    expect(run).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'summary.txt'), 'utf8')).toBe('one sequence\n');
  });

  function genome(): string {
    return join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id, 'genome.fa');
  }

  /** As a runner would. */
  async function end(runId: number): Promise<void> {
    const { id, fence } = await stage.held(runId);
    await stage.writeResult(id, 'summary.txt', 'one sequence\n');
    await stage.writeControl(id, '1/log', 'done\n');
    const { ino, size, mtimeNs } = statSync(genome(), { bigint: true });
    const input = { source: 'project', path: 'genome.fa', inode: String(ino), size: Number(size), mtimeNs: String(mtimeNs), sha256: null };
    await stage.writeControl(id, '1/inputs.json', JSON.stringify({ complete: true, files: [input] }));
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
  }
});

function shell(script: string, cwd: string, environment: Record<string, string>): Promise<{ status: number | null; output: string }> {
  return new Promise((done, reject) => {
    const child = spawn('sh', [script], { cwd, env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.on('error', reject);
    child.on('close', (status) => done({ status, output }));
  });
}
