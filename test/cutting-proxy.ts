import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that breaks. */
export interface CuttingProxy {
  port: number;
  /** How often it has cut a connection. */
  cuts(): number;
  close(): Promise<void>;
}

/** @param cuts how many connections are cut. @param after so many bytes from the client. */
export async function startCuttingProxy(port: number, { cuts, after }: { cuts: number; after: number }): Promise<CuttingProxy> {
  let done = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let sent = 0;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    client.on('data', (chunk: Buffer) => {
      sent += chunk.length;
      if (sent < after || done >= cuts) return;
      done += 1;
      client.resetAndDestroy();
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => done,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
