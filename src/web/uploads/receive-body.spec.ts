import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { until } from '../../../test/until';
import { FollowingDigests } from './following-digests';
import { HeldUpload } from './held-upload';
import { receiveBody } from './receive-body';

const MEGABYTE = 1024 * 1024;
const LEASE_MS = 60_000;

describe('the body of an upload', () => {
  let folder: string;
  let path: string;
  let handle: FileHandle;
  let digests: FollowingDigests;
  let server: Server;
  let held: HeldUpload;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'receive-body-'));
    path = join(folder, 'part');
    handle = await open(path, 'w+');
    digests = new FollowingDigests();
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    held = new HeldUpload('upload', 'holder');
    held.extend(performance.now(), LEASE_MS);
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await digests.onApplicationShutdown();
    await handle.close();
    rmSync(folder, { recursive: true });
  });

  const right = (content: Buffer) => ({ sha256: createHash('sha256').update(content).digest('hex'), crc32: crc32(content) });

  /** @returns a request that is open, and the end of the file once it is received. */
  async function begin(size: number, offset = 0): Promise<{ sender: ClientRequest; end: Promise<number> }> {
    const sender = httpRequest({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', method: 'PATCH' });
    sender.on('error', () => undefined).flushHeaders();
    const [request] = (await once(server, 'request')) as [IncomingMessage];
    const digest = digests.of('upload');
    digest.begin(handle, offset);
    const end = receiveBody(request, { handle, held, digest, offset, size });
    end.catch(() => undefined);
    return { sender, end };
  }

  it('is written in large pieces, and its checksums are right', async () => {
    const content = randomBytes(24 * MEGABYTE + 12_345);
    const write = jest.spyOn(handle, 'write');
    const { sender, end } = await begin(content.length);
    sender.end(content);
    expect(await end).toBe(content.length);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(await digests.of('upload').finish(handle)).toEqual(right(content));
    // A pause of the machine may have cut a few.
    expect(write.mock.calls.length).toBeLessThan(50);
    expect(held.received).toBe(content.length);
  });

  it('of a slow client is written although it is little, and the client is known to be waited for', async () => {
    const { sender, end } = await begin(1000);
    sender.write('hello');
    await until(() => readFileSync(path, 'utf8') === 'hello', 5000);
    await until(() => held.silenceMs() > 200, 5000);
    held.stop();
    expect(await end).toBe(5);
    expect([held.silenceMs(), held.received]).toEqual([0, 5]);
    sender.destroy();
  });

  it('counts as far as it arrived when the connection breaks', async () => {
    const content = randomBytes(3 * MEGABYTE + 5);
    const { sender, end } = await begin(9 * MEGABYTE);
    sender.write(content, () => sender.destroy());
    const received = await end;
    expect(readFileSync(path).equals(content.subarray(0, received))).toBe(true);
    expect(held.received).toBe(received);
  });

  it('that is longer than its file may get is refused, and the file does not get longer', async () => {
    const { sender, end } = await begin(2 * MEGABYTE);
    sender.write(randomBytes(5 * MEGABYTE));
    await expect(end).rejects.toThrow(expect.objectContaining({ key: 'uploads.tooLong' }));
    expect(readFileSync(path).length).toBeLessThanOrEqual(2 * MEGABYTE);
    expect(held.received).toBe(readFileSync(path).length);
  });

  it('is written no more when the upload is lost to somebody else', async () => {
    const { sender, end } = await begin(2 * MEGABYTE);
    held.lose();
    sender.write('hello');
    await expect(end).rejects.toThrow(expect.objectContaining({ key: 'uploads.lost' }));
    expect(readFileSync(path).length).toBe(0);
  });

  it('in two requests has the checksums of the whole, even if the thread that computes them dies in between', async () => {
    const content = randomBytes(11 * MEGABYTE);
    const first = await begin(content.length);
    first.sender.end(content.subarray(0, 6 * MEGABYTE));
    expect(await first.end).toBe(6 * MEGABYTE);
    await digests.of('upload').pause();
    await digests.onApplicationShutdown();
    const second = await begin(content.length, 6 * MEGABYTE);
    second.sender.end(content.subarray(6 * MEGABYTE));
    expect(await second.end).toBe(content.length);
    const broken = digests.of('upload').finish(handle);
    await digests.onApplicationShutdown();
    expect(await broken).toEqual(right(content));
    expect(await digests.of('upload').finish(handle)).toEqual(right(content));
  });

  it('whose file got shorter behind its back has no checksums', async () => {
    const { sender, end } = await begin(1000);
    sender.end(randomBytes(1000));
    expect(await end).toBe(1000);
    truncateSync(path, 500);
    await expect(digests.of('upload').finish(handle)).rejects.toThrow('SHORT');
  });
});
