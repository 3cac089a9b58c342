import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidInputError } from '../errors';
import { NetworkRules } from './network-rules';
import { newSecret, signatureOf } from './webhook-signature';
import { NameLookup, WebhookTransport } from './webhook-transport';

/** Answers of a name server of a test, the next for each question; the last stays. */
class Names extends NameLookup {
  asked = 0;
  constructor(private readonly answers: readonly string[][]) {
    super();
  }
  find(_name: string, found: (error: Error | null, addresses: LookupAddress[]) => void): void {
    const addresses = this.answers[Math.min(this.asked, this.answers.length - 1)] ?? [];
    this.asked += 1;
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }
}

const transportFor = (networks: string[], names?: NameLookup) =>
  new WebhookTransport({ settings: { WEBHOOK_NETWORKS: networks } } as never, names);

describe('addresses that nothing is sent to', () => {
  const rules = new NetworkRules([]);

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '198.18.0.1',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::7f00:1',
    '64:ff9b::7f00:1',
    'fd00:ec2::254',
    'fe80::1%eth0',
    'ff02::1',
    '2002:7f00:1::',
    '2001:0::1',
    '',
    'localhost',
    '1.2.3',
  ])('are private, local or reserved: %s', (address) => expect(rules.allows(address)).toBe(false));

  it.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '192.169.0.1', '2606:4700:4700::1111', '::ffff:8.8.8.8'])(
    'are not public ones: %s',
    (address) => {
      expect(rules.allows(address)).toBe(true);
    },
  );

  it('are not those that the administrator allows', () => {
    const open = new NetworkRules(['10.1.0.0/16', 'fd00::/8', '127.0.0.1']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', '127.0.0.1'].map((one) => open.allows(one))).toEqual([true, true, true, true]);
    expect(['10.2.0.1', '127.0.0.2', '::1', '169.254.169.254'].map((one) => open.allows(one))).toEqual([false, false, false, false]);
  });
});

describe('a message to a webhook', () => {
  let server: Server;
  let port: number;
  const got: { url: string; headers: Record<string, unknown>; body: string }[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ url: request.url ?? '', headers: request.headers, body });
        if (request.url === '/elsewhere') response.writeHead(302, { location: `http://127.0.0.1:${port}/reached` }).end();
        else if (request.url === '/endless') endless(response);
        else response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => void got.splice(0));

  function endless(response: { write(text: string): boolean; on(event: 'close', done: () => void): void }): void {
    const timer = setInterval(() => response.write('x'.repeat(40_000)), 5);
    response.on('close', () => clearInterval(timer));
  }

  it('arrives where that is allowed, and nowhere else', async () => {
    const open = transportFor(['127.0.0.0/8']);
    const answer = await open.send(`http://127.0.0.1:${port}/hook?x=1`, { 'webhook-id': 'm1' }, '{"ä":1}');
    expect([answer.status, got[0]]).toEqual([204, expect.objectContaining({ url: '/hook?x=1', body: '{"ä":1}' })]);
    expect(got[0].headers).toMatchObject({ 'webhook-id': 'm1', 'content-length': '8' });
    const closed = transportFor([]);
    const forms = [
      `http://127.0.0.1:${port}`,
      `http://2130706433:${port}`,
      `http://0x7f.1:${port}`,
      `http://localhost:${port}`,
      `http://[::1]:${port}`,
      `http://[::ffff:127.0.0.1]:${port}`,
      `http://0:${port}`,
    ];
    for (const form of forms) await expect(closed.send(form, {}, '')).rejects.toThrow('is an address of this network');
    expect(got).toHaveLength(1);
  });

  it('goes by the address that it connects to: a name that changes its mind between the look and the call gets nothing', async () => {
    const rebinding = new Names([['93.184.216.34'], ['127.0.0.1']]);
    const sut = transportFor([], rebinding);
    await expect(sut.check(`http://rebind.example.org:${port}/`)).resolves.toBe(`http://rebind.example.org:${port}/`);
    await expect(sut.send(`http://rebind.example.org:${port}/`, {}, '')).rejects.toThrow('is an address of this network');
    expect([rebinding.asked, got.length]).toEqual([2, 0]);
  });

  it('connects to none but the allowed ones of several addresses of a name', async () => {
    const sut = transportFor(['127.0.0.1'], new Names([['10.0.0.1', '127.0.0.1']]));
    expect((await sut.send(`http://several.example.org:${port}/`, {}, '')).status).toBe(204);
  });

  it('follows no redirect, and hangs up on an answer without an end', async () => {
    const sut = transportFor(['127.0.0.1']);
    expect((await sut.send(`http://127.0.0.1:${port}/elsewhere`, {}, '')).status).toBe(302);
    expect(got.map(({ url }) => url)).toEqual(['/elsewhere']);
    expect((await sut.send(`http://127.0.0.1:${port}/endless`, {}, '')).status).toBe(200);
    const connections = () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
    for (let look = 0; look < 100 && (await connections()) !== 0; look += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await connections()).toBe(0);
  });

  it.each([
    '',
    'ftp://example.org',
    'example.org/hook',
    'http://',
    'https://user:word@example.org/',
    `https://example.org/${'x'.repeat(1000)}`,
  ])('needs the address of a page: %s', async (address) => expect(transportFor([]).check(address)).rejects.toThrow(InvalidInputError));

  it('is refused with a sentence for a name that leads here, or nowhere', async () => {
    await expect(transportFor([], new Names([['10.0.0.1', '127.0.0.1']])).check('https://intern.example.org')).rejects.toMatchObject({
      key: 'webhooks.hostClosed',
      field: 'url',
    });
    await expect(transportFor([], new Names([[]])).check('https://nowhere.example.org')).rejects.toMatchObject({
      key: 'webhooks.hostUnknown',
    });
    await expect(transportFor([]).check('http://169.254.169.254/latest/meta-data')).rejects.toMatchObject({ key: 'webhooks.hostClosed' });
  });

  it('is signed as the Standard Webhooks specification has it', () => {
    // The example of its documents.
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const parts = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signatureOf(secret, parts)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
    expect(Buffer.from(newSecret().slice(6), 'base64')).toHaveLength(32);
    expect(newSecret()).not.toBe(newSecret());
  });
});
