import { readConfig } from '../config/app-config';
import type { Manifest } from './manifest';
import { compileYaml } from './pipeline-yaml';

const COMPOSE = `compose:
  file: \${LAB_FILE:-./docker-compose.yml}
  service: \${LAB_SERVICE:-segment}
  variables: { LAB_IMAGE: '\${LAB_IMAGE:-lab/segment}:\${LAB_VERSION:-3}', WORK: '{outputFolder}' }
`;

const runtimeOf = (source: string, variables: Record<string, string> = {}) =>
  (compileYaml('x', source, variables) as Manifest).runtime as unknown as Record<string, unknown>;

describe('variables of the installation', () => {
  it('are filled in by their defaults, and by what is set', () => {
    expect(runtimeOf(COMPOSE)).toMatchObject({
      file: './docker-compose.yml',
      service: 'segment',
      variables: { LAB_IMAGE: 'lab/segment:3', WORK: '{outputFolder}' },
    });
    expect(runtimeOf(COMPOSE, { LAB_FILE: '/opt/lab.yml', LAB_VERSION: '4', LAB_SERVICE: '' })).toMatchObject({
      file: '/opt/lab.yml',
      service: 'segment',
      variables: { LAB_IMAGE: 'lab/segment:4' },
    });
  });

  it('may stand for images, mounts and the folders of a hand-off', () => {
    const docker = "docker: { image: '${IMAGE}', mounts: [{ source: '${MODELS:-/srv/models}', target: /models }] }";
    expect(runtimeOf(docker, { IMAGE: 'lab/x:2' })).toMatchObject({ image: 'lab/x:2', mounts: [{ source: '/srv/models' }] });
    const handoff = "command: x\nhandoff: { folder: '${FOLDER:-/srv/a}', pathMap: [{ outside: '${DATA:-/d}', inside: /data }] }";
    expect(runtimeOf(handoff, { DATA: '/data/files' })).toMatchObject({ folder: '/srv/a', pathMap: [{ outside: '/data/files' }] });
  });

  it('are checked like what was written: a folder that is not absolute is a fault', () => {
    expect(compileYaml('x', "command: x\nhandoff: { folder: '${FOLDER:-/srv}' }", { FOLDER: 'srv' })).toEqual([
      expect.stringContaining('handoff, folder'),
    ]);
  });

  it('that are not set, without a default, are told with line and field', () => {
    expect(compileYaml('x', "title: X\ndocker:\n  image: '${IMAGE}'\n")).toEqual([
      'Line 3, docker, image: The variable IMAGE is not set. Set it in the environment of Showrunner, or write a default behind its name and “:-”.',
    ]);
  });

  it('are nothing but text in commands, arguments and names of objects', () => {
    const { runtime } = compileYaml('x', "command: [sh, -c, 'echo ${HOME:-x}']\nenv: { A: '${HOME}' }", { HOME: '/root' }) as Manifest;
    expect(runtime).toMatchObject({ command: ['sh', '-c', 'echo ${HOME:-x}'], env: { A: '${HOME}' } });
    expect(compileYaml('x', "docker: { image: '${toString:-a}' }")).toMatchObject({ runtime: { image: 'a' } });
  });

  it('are never settings of Showrunner, whose secrets stay where they are', () => {
    const environment = { LAB_IMAGE: 'a', DB_PASSWORD: 'secret', DB_PASSWORD_FILE: '/run/secret', DATA_DIR: '/srv' };
    expect(readConfig({ ...environment, DB_PASSWORD_FILE: '' }).pipelineVariables).toEqual({ LAB_IMAGE: 'a' });
  });
});
