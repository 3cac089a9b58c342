import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEntryPath } from '../../../src/common/files/entry-name';
import { InboxLink } from '../../../src/common/inbox/inbox-link.entity';
import { InboxLinksRepository } from '../../../src/common/inbox/inbox-links.repository';
import { linkContent } from '../../../src/common/inbox/link-file';
import { asInputRecord, type InputRecord } from '../../../src/common/inputs/input-record';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import type { Run } from '../../../src/common/queue/run.entity';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const base = { label: '', help: '', required: false, advanced: false };
const MANIFEST = {
  parameters: [
    { ...base, name: 'images', type: 'files', accept: [], minItems: 0, maxItems: 100 },
    { ...base, name: 'table', type: 'file', accept: [] },
    { ...base, name: 'word', type: 'text', default: '', rows: 1, maxLength: 100 },
  ],
  arguments: [{ kind: 'value', parameter: 'images', flag: null, style: 'bare' }],
} satisfies Partial<Manifest>;
const sha = (content: string) => createHash('sha256').update(content).digest('hex');

describe('the record of inputs', () => {
  let world: RunnerWorld;
  let stop: () => Promise<void>;
  let inbox: string;

  async function open(settings: Record<string, string> = {}): Promise<void> {
    world = await RunnerWorld.open({ INBOX_DIR: '/nowhere', ...settings });
    inbox = join(world.database.folder, 'inbox');
    world.environment['INBOX_DIR'] = inbox;
    world.addPipeline('read', 'sleep 0.2');
    stop = await world.startRunner();
  }
  afterEach(async () => {
    await stop();
    await world.close();
  });

  const put = (path: string, content: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const inProject = (name: string) => join(world.database.folder, 'files', world.project.ownerId, world.project.id, name);
  const recordOf = (run: Pick<Run, 'id' | 'attempt'>): InputRecord | null => {
    const path = world.control(run, 'inputs.json');
    return existsSync(path) ? asInputRecord(JSON.parse(readFileSync(path, 'utf8'))) : null;
  };
  const untilAllKnown = async (run: Pick<Run, 'id' | 'attempt'>) => {
    await until(() => recordOf(run)?.files.every((file) => file.sha256 !== null) ?? false);
    return recordOf(run)!;
  };

  it('names each file with size, time and SHA-256, those of chosen folders and of the inbox too', async () => {
    await open();
    put(inProject('a.tif'), 'image a');
    put(inProject('scans/b.tif'), 'image b');
    put(inProject('scans/deep/c.tif'), 'image c');
    put(join(inbox, 'large.csv'), 'from the inbox');
    const values = { images: ['project:a.tif', 'project:scans', 'project:a.tif'], table: 'inbox:large.csv', word: 'project:no' };
    const run = await world.untilState(await world.submit('read', MANIFEST, {}, values), 'succeeded');
    const record = await untilAllKnown(run);
    const found = record.files.map(({ source, path, size, sha256 }) => [source, path, size, sha256]);
    expect(found.sort(([, one], [, other]) => String(one).localeCompare(String(other)))).toEqual([
      ['project', 'a.tif', 7, sha('image a')],
      ['inbox', 'large.csv', 14, sha('from the inbox')],
      ['project', 'scans/b.tif', 7, sha('image b')],
      ['project', 'scans/deep/c.tif', 7, sha('image c')],
    ]);
    const { ino, mtimeNs } = statSync(inProject('a.tif'), { bigint: true });
    expect(record.files.find((file) => file.path === 'a.tif')).toMatchObject({ inode: String(ino), mtimeNs: String(mtimeNs) });
    expect(record.complete).toBe(true);
  });

  it('leads by links to files of the inbox, and fails a run whose linked file is gone', async () => {
    await open();
    const path = put(join(inbox, 'set', 'large.csv'), 'not copied');
    const { mtimeNs, ino, size } = statSync(path, { bigint: true });
    const id = randomUUID();
    const { id: projectId, ownerId } = world.project;
    const link = { id, projectId, ownerId, source: 'inbox' as const, target: 'set/large.csv', inode: String(ino), size: Number(size) };
    await new InboxLinksRepository(world.dataSource.getRepository(InboxLink)).add([{ ...link, mtimeNs: String(mtimeNs) }]);
    put(inProject('my data.csv'), '');
    writeFileSync(inProject('my data.csv'), linkContent(id, parseEntryPath('set/large.csv')));
    const runtime = { kind: 'process' as const, command: ['/bin/sh', '-c', `cat "$0" > copy.txt; sleep 0.2`], env: {} };
    const run = await world.untilState(
      await world.submit('read', { ...MANIFEST, runtime }, {}, { images: ['project:my data.csv'] }),
      'succeeded',
    );
    expect(readFileSync(inProject(`runs/${run.id}/copy.txt`), 'utf8')).toBe('not copied');
    expect((await untilAllKnown(run)).files).toEqual([
      {
        source: 'inbox',
        path: 'set/large.csv',
        link: 'my data.csv',
        inode: String(ino),
        size: 10,
        mtimeNs: String(mtimeNs),
        sha256: sha('not copied'),
      },
    ]);
    rmSync(path);
    const late = await world.untilState(
      await world.submit('read', { ...MANIFEST, runtime }, {}, { images: ['project:my data.csv'] }),
      'failed',
    );
    expect(late.note).toContain('my data.csv is a link to set/large.csv in the inbox, which is not there any more');
  });

  it('has no checksum of what was changed after the start', async () => {
    await open();
    put(inProject('a.tif'), 'before');
    const runtime = { kind: 'process' as const, command: ['/bin/sh', '-c', `printf after-longer > "$0"`], env: {} };
    const id = await world.submit('read', { ...MANIFEST, runtime }, {}, { images: ['project:a.tif'] });
    const run = await world.untilState(id, 'succeeded');
    await until(() => recordOf(run) !== null);
    const [file] = recordOf(run)!.files;
    // Whether the program or the reader was quicker: the checksum is that of the file as it was, or there is none.
    expect([null, sha('before')]).toContain(file.sha256);
    expect(file.size).toBe(6);
  });

  it('is not kept for runs without files, and knows only what is known where nothing is to be computed', async () => {
    await open({ INPUT_CHECKSUMS: 'off' });
    put(inProject('a.tif'), 'image a');
    const without = await world.untilState(await world.submit('read', MANIFEST, {}, { word: 'x' }), 'succeeded');
    expect(recordOf(without)).toBeNull();
    const withFile = await world.untilState(await world.submit('read', MANIFEST, {}, { images: ['project:a.tif'] }), 'succeeded');
    await until(() => recordOf(withFile) !== null);
    expect(recordOf(withFile)!.files[0].sha256).toBeNull();
  });

  it('does not hold up the start, however large the inputs are', async () => {
    await open();
    for (let index = 0; index < 30; index += 1) put(inProject(`many/${index}.bin`), 'x'.repeat(2_000_000));
    const id = await world.submit('read', MANIFEST, {}, { images: ['project:many'] });
    const run = await world.untilState(id, 'running', 'succeeded');
    const known = recordOf(run)?.files.filter((file) => file.sha256 !== null).length ?? 0;
    expect(known).toBeLessThan(30);
    expect((await untilAllKnown(run)).files).toHaveLength(30);
  });
});
