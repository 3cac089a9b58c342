import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LayerData } from '../../browser/viewer/data';
import { findByLabel } from '../../browser/viewer/picker';
import { TileValues } from '../../browser/viewer/tile-values';

type Scene = Parameters<typeof findByLabel>[0];

const PLACE = { x: 5, y: 6, width: 2, height: 2 };

/** What the browser does with answers of a server. */
describe('looking up an object by its number', () => {
  let server: Server;
  /** Statuses and bodies by the name of a mask; the last one stays. */
  let answers: Record<string, [status: number, body: unknown][]>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const name = /place\/results\/(\w+)/.exec(request.url ?? '')![1];
      const [status, body] = answers[name].length > 1 ? answers[name].shift()! : answers[name][0];
      response.writeHead(status).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  const find = (names: string[]) => {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const nothing = () => undefined;
    const layers = names.map(
      (name) => ({ kind: 'labels', source: `results/${name}`, version: 1, pages: [0], table: '' }) as unknown as LayerData,
    );
    return findByLabel({ layers, state: { plane: 0 }, values: new TileValues(address, nothing, nothing) } as unknown as Scene, '7');
  };

  it('waits while the server cannot tell yet', async () => {
    answers = {
      mask: [
        [503, null],
        [200, PLACE],
      ],
    };
    expect(await find(['mask'])).toEqual({ found: { layer: 0, label: '7', lines: [] }, place: PLACE });
  });

  it('tells masks without the object from those of which nobody knows', async () => {
    answers = { none: [[200, null]], torn: [[404, {}]], mask: [[200, PLACE]] };
    expect(await find(['none'])).toBeNull();
    expect(await find(['none', 'torn'])).toBeUndefined();
    expect((await find(['torn', 'mask']))?.place).toEqual(PLACE);
  });
});
