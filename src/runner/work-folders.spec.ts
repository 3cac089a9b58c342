import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../common/config/app-config';
import type { FileReferences } from '../common/files/file-references';
import { ProjectFiles } from '../common/files/project-files';
import type { Manifest } from '../common/pipelines/manifest';
import { compileYaml } from '../common/pipelines/pipeline-yaml';
import type { Run } from '../common/queue/run.entity';
import type { RunsRepository } from '../common/queue/runs.repository';
import { anAssignment, aProject, aRun } from '../../test/factories';
import { WorkFolders } from './work-folders';

const MANIFEST = compileYaml(
  'x',
  `
command: run
files: [{ path: a/settings.json, format: json, value: { run: '{runId}' } }]
after: { clear: ['**/*.tmp'] }
`,
) as Manifest;

describe('the working folder of a run that somebody else takes over', () => {
  const project = aProject();
  let data: string;
  let results: string;
  let isUnder: () => Promise<boolean>;
  let folders: WorkFolders;
  const run: Run = aRun({ id: 12, attempt: 1, projectId: project.id });

  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'showrunner-work-'));
    results = join(data, 'files', project.ownerId, project.id, 'runs', '12');
    mkdirSync(results, { recursive: true });
    mkdirSync(join(data, 'control'));
    isUnder = () => Promise.resolve(true);
    // No input is chosen, so nobody is asked for one.
    const runs = { isUnder: () => isUnder() } as unknown as RunsRepository;
    folders = new WorkFolders(new ProjectFiles(readConfig({ DATA_DIR: data, PATH: '' })), {} as FileReferences, runs);
  });
  afterEach(() => rmSync(data, { recursive: true }));

  const fill = () => {
    const assignment = anAssignment({ folder: join(data, 'control'), cwd: results });
    return folders.fill(run, { manifest: MANIFEST, parameters: {}, project }, assignment, isUnder);
  };
  /** What another runner does between our question and all that comes after the answer. */
  const replace = () => {
    renameSync(results, `${results}.old`);
    mkdirSync(join(results, 'a'), { recursive: true });
  };

  it('gets nothing from a runner that lost the run', async () => {
    isUnder = () => Promise.resolve(false);
    await expect(fill()).rejects.toThrow('was taken over by another runner');
    expect(readdirSync(results)).toEqual([]);
  });

  it('is not touched where it was put in the place of ours', async () => {
    isUnder = async () => {
      replace();
      return true;
    };
    await fill();
    expect(readdirSync(join(results, 'a'))).toEqual([]);
    expect(readFileSync(join(`${results}.old`, 'a', 'settings.json'), 'utf8')).toBe('{\n  "run": "12"\n}\n');
  });

  it('is not tidied by a runner that lost the run, nor where it was put in the place of ours', async () => {
    await fill();
    mkdirSync(join(results, 'b'));
    const file = join(results, 'a', 'settings.json');
    isUnder = () => Promise.resolve(false);
    await folders.tidy(run, project, MANIFEST);
    expect(existsSync(file)).toBe(true);
    isUnder = async () => {
      renameSync(results, `${results}.old`);
      mkdirSync(join(results, 'a'), { recursive: true });
      renameSync(join(`${results}.old`, 'b'), join(results, 'b'));
      return true;
    };
    await folders.tidy(run, project, MANIFEST);
    expect(readdirSync(results).sort()).toEqual(['a', 'b']);
    expect(existsSync(`${results}.old/a`)).toBe(false);
    isUnder = () => Promise.resolve(true);
    rmSync(results, { recursive: true });
    // Cleaned away meanwhile: nothing is left to be done.
    await folders.tidy(run, project, MANIFEST);
  });
});
