import { until } from '../../../test/until';
import { readProcess } from './process-table';
import { runTool, type ToolCall } from './tool';

const env = { PATH: '/usr/bin:/bin', MARK: 'here' };
const sh = (script: string, over: Partial<ToolCall> = {}) =>
  runTool({ program: 'sh', args: ['-c', script, 'sh', 'a b', "'"], env, withinMs: 20_000, ...over });

describe('runTool', () => {
  it('gives arguments and environment as they are, and keeps both outputs apart', async () => {
    const answer = await sh('printf "%s|" "$@" "$MARK" "$HOME"; echo oops >&2; exit 3');
    expect(answer).toEqual({ code: 3, stdout: "a b|'|here||", stderr: 'oops\n', timedOut: false, spawnFailure: null, isCut: false });
  });

  it('says what could not be started', async () => {
    expect(await sh('', { program: 'no-such-tool-here' })).toMatchObject({ code: null, spawnFailure: 'ENOENT' });
    expect(await sh('', { args: ['a\0b'] })).toMatchObject({ code: null, spawnFailure: 'ERR_INVALID_ARG_VALUE' });
    expect(await sh('', { cwd: '/no/such/folder' })).toMatchObject({ code: null, spawnFailure: 'ENOENT' });
  });

  it('ends what takes too long together with its children, and keeps what was said until then', async () => {
    const answer = await sh('sleep 300 & echo $!; wait', { withinMs: 500 });
    expect(answer).toMatchObject({ code: null, timedOut: true });
    const child = Number(answer.stdout);
    expect(child).toBeGreaterThan(1);
    await until(() => readProcess(child)?.zombie ?? true);
  });

  it('keeps no more of a flood than it was told to', async () => {
    const answer = await sh('head -c 1000000 /dev/zero | tr "\\0" x; echo end >&2', { mostBytes: 1000 });
    expect(answer).toMatchObject({ code: 0, stdout: 'x'.repeat(1000), stderr: 'end\n', isCut: true });
  });
});
