import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, property, string } from 'fast-check';
import { anAssignment } from '../../../../test/factories';
import type { SlurmRuntime } from '../../../common/pipelines/runtime';
import { programText } from './job-files';
import { pendingNote } from './pending-note';
import { sbatchWords } from './sbatch-words';
import { parseAccounts, parseDetails, parseJobs, phaseOf } from './slurm-job';

const identity = { jobId: null, name: 'sr-abc-1-1', comment: 'sr:abc:1:1' };
const runtime: SlurmRuntime = {
  kind: 'slurm',
  command: ['x'],
  env: {},
  partition: 'gpu',
  account: null,
  qos: null,
  constraint: 'a100|h100',
  time: null,
  options: ['--exclusive'],
};

describe('programText', () => {
  it('gives every word to a shell byte for byte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'showrunner-words-'));
    const file = join(folder, 'program');
    const word = string({ unit: 'binary', maxLength: 30 }).map((text) => text.replaceAll('\0', '').toWellFormed());
    try {
      assert(
        property(array(word, { minLength: 1, maxLength: 5 }), word, (argv, value) => {
          writeFileSync(file, programText({ argv, cwd: value, env: { VALUE: value }, cutNote: value }));
          const script = '. "$0"; printf "%s\\0" "$@" "$cwd" "$cut_note"; become printenv -0 VALUE';
          const said = execFileSync('/bin/sh', ['-c', script, file], { encoding: 'utf8' }).split('\0');
          expect(said).toEqual([...argv, value, value, value, '']);
        }),
        { numRuns: 60 },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps the variables of the program from the script that starts it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'showrunner-words-'));
    const env = { PATH: '/nowhere', folder: '/nowhere', attempt: '9', code: '0', go: '', become: 'x', IFS: 't' };
    const argv = ['/bin/sh', '-c', 'echo "$PATH $attempt"; exit 3'];
    try {
      writeFileSync(join(folder, 'program'), programText({ argv, cwd: folder, env, cutNote: '' }));
      const { status } = spawnSync('/bin/sh', [join(__dirname, 'job.sh'), folder, '2', '100']);
      const [exit, log] = ['exit', 'log'].map((name) => readFileSync(join(folder, name), 'utf8'));
      expect([status, exit, log]).toEqual([3, '2 3\n', '/nowhere 9\n']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes nothing but names for variables', () => {
    expect(() => programText({ argv: ['x'], cwd: '/', env: { 'A;rm': '' }, cutNote: '' })).toThrow('not the name');
  });
});

describe('sbatchWords', () => {
  const assignment = anAssignment({
    folder: '/runs/50%/1',
    cwd: '/files/a b',
    runtime,
    needs: { cpu: 2500, memory: 4096, gpus: 2 },
    timeLimitSeconds: 600,
  });

  it('asks for what the run needs, held and findable', () => {
    expect(sbatchWords(assignment, identity, 10)).toEqual([
      '--exclusive',
      '--partition=gpu',
      '--constraint=a100|h100',
      '--parsable',
      '--hold',
      '--no-requeue',
      '--job-name=sr-abc-1-1',
      '--comment=sr:abc:1:1',
      '--chdir=/files/a b',
      '--input=/dev/null',
      '--output=/runs/50%%/1/log',
      '--open-mode=append',
      '--export=ALL',
      '--nodes=1',
      '--ntasks=1',
      '--cpus-per-task=3',
      '--mem=4096M',
      '--gres=gpu:2',
      '--time=13',
    ]);
    expect(sbatchWords({ ...assignment, runtime: { ...runtime, time: 7200 } }, identity, 10)).toContain('--time=120');
  });
});

describe('answers of Slurm', () => {
  const mark = 'c0ffee';
  const line = (...fields: string[]) => `\u001e${mark}${fields.join(`\u001f${mark}`)}\u001f${mark}\n`;

  it('are read whole or not at all', () => {
    const one = line('12', 'PENDING', 'Resources', '1760000000', '', 'sr-abc-1-1', 'sr:abc:1:1');
    const name = 'theirs\nwith | and \u001e12\u001fCOMPLETED\u001fNone\u001f1\u001f\u001fsr-abc-1-1\u001fsr:abc:1:1\u001f\n';
    const other = line('13', 'RUNNING', 'None', 'N/A', 'node1', name, '(null)');
    expect(parseJobs(one + other, mark)).toEqual([
      { id: '12', state: 'PENDING', reason: 'Resources', startMs: 1_760_000_000_000, nodes: '', name: 'sr-abc-1-1', comment: 'sr:abc:1:1' },
      { id: '13', state: 'RUNNING', reason: 'None', startMs: null, nodes: 'node1', name, comment: '(null)' },
    ]);
    expect(parseJobs('', mark)).toEqual([]);
    for (const odd of ['12 PENDING', one.slice(0, -14), `warning\n${one}`, line('x', 'PENDING', '', '', '', '', '')])
      expect(parseJobs(odd, mark)).toBeNull();
  });

  it('are understood from accounting and from the details of one job', () => {
    expect(parseAccounts('12\u001fCANCELLED by 0\u001fNone\u001f1760000000\u001fvm\u001fsr-abc-1-1\u001f\nnoise\n')).toMatchObject([
      { id: '12', state: 'CANCELLED' },
    ]);
    const details =
      'JobId=12 JobName=sr-abc-1-1 UserId=x JobState=FAILED Reason=NonZeroExitCode StartTime=1760000000 ReqNodeList=(null) NodeList=vm Comment=sr:abc:1:1 ';
    expect(parseDetails(details)).toMatchObject({ id: '12', state: 'FAILED', name: 'sr-abc-1-1', comment: 'sr:abc:1:1', nodes: 'vm' });
    expect(parseDetails('JobId=12')).toBeNull();
  });

  it('prove nothing with a word that nobody knows', () => {
    expect(phaseOf({ ...identity, id: '1', state: 'QUANTUM', reason: '', startMs: null, nodes: '' })).toBe('strange');
  });
});

describe('pendingNote', () => {
  it.each([
    ['Resources', 'enough processors'],
    ['Priority', 'higher priority'],
    ['QOSMaxJobsPerUserLimit', 'As many jobs'],
    ['AssocGrpCpuLimit', 'more of the cluster'],
    ['ReqNodeNotAvail,_UnavailableNodes:n1', 'down or taken out'],
    ['PartitionTimeLimit', 'more time'],
    ['JobHeldAdmin', 'administrator of the cluster'],
    ['Dependency', 'another job'],
    ['SomethingNew', 'waits in the cluster (SomethingNew)'],
  ])('says %s in words', (reason, words) => {
    expect(pendingNote({ reason, startMs: null }, 0)).toContain(words);
  });

  it('adds the expected start while it lies ahead', () => {
    const startMs = Date.UTC(2030, 4, 7, 12, 30);
    expect(pendingNote({ reason: 'Priority', startMs }, startMs - 1)).toMatch(/Expected start: 7 May, \d\d:30 \S+\.$/);
    expect(pendingNote({ reason: 'Priority', startMs }, startMs)).not.toContain('Expected');
  });
});
