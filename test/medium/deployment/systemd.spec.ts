import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FOLDER = resolve(__dirname, '..', '..', '..', 'docker', 'systemd');
const SERVICES = readdirSync(FOLDER).filter((name) => name.endsWith('.service'));

/** From 0, nothing can be reached, to 100, everything: what systemd itself thinks of a unit. The runner's is for programs of any kind. */
const MOST_EXPOSED: Record<string, number> = {
  'showrunner-web.service': 20,
  'showrunner-cleaner.service': 20,
  'showrunner-runner.service': 60,
};

/** Known since systemd 254; older ones say so and go on. */
const NEWER = /Unknown key 'DelegateSubgroup'/;

function analyze(...words: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  if (error) throw error;
  return { status, said: stdout + stderr };
}

describe('units in docker/systemd', () => {
  it('are understood by systemd, every line of them', () => {
    const files = readdirSync(FOLDER).map((name) => resolve(FOLDER, name));
    const { status, said } = analyze('verify', '--man=no', ...files);
    const ours = said.split('\n').filter((line) => line.includes('showrunner') && !NEWER.test(line));
    expect(ours).toEqual([]);
    expect(status).toBe(0);
  });

  it.each(SERVICES)('%s reaches no more than it needs', (name) => {
    const { status, said } = analyze('security', '--offline=true', `--threshold=${MOST_EXPOSED[name]}`, resolve(FOLDER, name));
    expect(`${status}\n${said}`).toMatch(/^0\n/);
  });

  it('let the programs of runs live on when the runner is stopped, and no other service', () => {
    const unit = (name: string) => readFileSync(resolve(FOLDER, name), 'utf8');
    expect(SERVICES.filter((name) => /^KillMode=process$/m.test(unit(name)))).toEqual(['showrunner-runner.service']);
  });
});
