import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const REFUSAL = '{"message":"not just now"}';

/**
 * A way to a Docker Engine over TCP that can be blocked: then connections are taken and stay, and nothing passes, as with a host that
 * vanished. It can also refuse a request in the name of the engine.
 */
export class TcpWay {
  private readonly pairs = new Set<[Socket, Socket]>();
  private isBlocked = false;
  private refused: RegExp | null = null;
  /** Bytes that the engine has sent. */
  sent = 0;

  private constructor(
    private readonly server: Server,
    private readonly socketPath: string,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  /** @param socketPath of the engine. */
  static async open(socketPath: string): Promise<TcpWay> {
    const server = createServer({ allowHalfOpen: true });
    const way = new TcpWay(server, socketPath);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return way;
  }

  /** For DOCKER_HOST. */
  get address(): string {
    return `tcp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  block(): void {
    this.isBlocked = true;
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** What was on its way arrives now, unless its sender has given it up. */
  unblock(): void {
    this.isBlocked = false;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
  }

  /** The next request of that kind gets an error from the engine, which does not hear of it. @param kind of its first line. */
  refuseNext(kind: RegExp): void {
    this.refused = kind;
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(near: Socket): void {
    const far = connect({ path: this.socketPath, allowHalfOpen: true });
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on('data', (chunk) => {
        if (from === far) this.sent += chunk.length;
        if (from === near && this.refused?.test(String(chunk).split('\r\n')[0])) {
          this.refused = null;
          near.end(`HTTP/1.1 500 Error\r\nContent-Type: application/json\r\nContent-Length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`);
        } else to.write(chunk);
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.end();
        this.pairs.delete(pair);
      });
      if (this.isBlocked) from.pause();
    }
  }
}
