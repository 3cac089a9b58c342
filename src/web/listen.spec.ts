import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { readConfig } from '../common/config/app-config';
import { addresses, listen } from './listen';

describe('listen', () => {
  const servers: Server[] = [];
  const server = () => {
    const made = createServer();
    servers.push(made);
    return made;
  };
  const config = (environment: Record<string, string>) => readConfig({ DATA_DIR: '/tmp/unused', ...environment });

  afterAll(() => servers.forEach((one) => one.close()));

  it('names the port that is taken, and what to set', async () => {
    const first = server().listen(0, '127.0.0.1');
    await new Promise((resolve) => first.once('listening', resolve));
    const { port } = first.address() as AddressInfo;
    await expect(listen(server(), config({ PORT: String(port), LISTEN_HOST: '127.0.0.1' }))).rejects.toMatchObject({
      name: 'StartupError',
      message: `Port ${port} is taken. Set PORT to a free one.`,
    });
  });

  it('names an address that is not of this machine', async () => {
    await expect(listen(server(), config({ PORT: '18099', LISTEN_HOST: '192.0.2.254' }))).rejects.toThrow(
      'LISTEN_HOST: 192.0.2.254 is no address of this machine.',
    );
  });
});

describe('addresses', () => {
  const of = (environment: Record<string, string>) => addresses(readConfig({ DATA_DIR: '/tmp/unused', ...environment }));

  it('are PUBLIC_URL where it is set', () => {
    expect(of({ PUBLIC_URL: 'http://lab.test/showrunner/' })).toEqual(['http://lab.test/showrunner']);
  });

  it('begin with localhost and the name of the machine, when all addresses are listened on', () => {
    expect(of({ PORT: '8123' }).slice(0, 2)).toEqual(['http://localhost:8123', `http://${hostname()}:8123`]);
    expect(of({ PORT: '80' })[0]).toBe('http://localhost');
    expect(of({ LISTEN_HOST: '0.0.0.0' })[0]).toBe('http://localhost:8080');
  });

  it('are the one that is listened on', () => {
    expect(of({ LISTEN_HOST: '127.0.0.1' })).toEqual(['http://127.0.0.1:8080']);
    expect(of({ LISTEN_HOST: '::1' })).toEqual(['http://[::1]:8080']);
  });
});
