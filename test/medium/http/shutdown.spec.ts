import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { ProbeRoutes } from '../../probe-routes';
import { startTestWebApp } from '../../web-app';

describe('stopping the web process', () => {
  it('ends event streams, lets other answers finish, and takes nothing new', async () => {
    const web = await startTestWebApp({}, [ProbeRoutes]);
    const open = async (path: string): Promise<IncomingMessage> => {
      const asked = request({ host: '127.0.0.1', port: web.port, path, headers: { host: 'localhost' }, agent: false }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      return answer;
    };
    const stream = await open('/probe/stream');
    const slow = await open('/probe/slow');
    const streamed = text(stream);
    const finished = text(slow);

    const begin = Date.now();
    await web.close();
    expect(Date.now() - begin).toBeLessThan(5000);
    expect(await streamed).toBe('data: begun\n\n');
    expect(await finished).toBe('begun, and finished');
    await expect(open('/healthz')).rejects.toThrow('ECONNREFUSED');
  });
});
