import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { formatPokeAddress, socketTypeFor } from './poke-address';

/** Datagrams within this time after one that was heard count as one more: a flood of them cannot make a runner look without end. */
const GAP_MS = 10;

/**
 * The runner's ear: a UDP socket on a port of the system's choice. What a datagram says does not matter and anybody may send one;
 * all it does is to make the runner look at the queue a little earlier than it would have.
 */
export class PokeListener {
  private pending: NodeJS.Timeout | undefined;
  private heardMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly socket: Socket,
    /** `host:port`, for the row of the runner. */
    readonly address: string,
    private readonly onPoke: () => void,
  ) {
    socket.on('message', () => this.hear());
    // After the bind nothing but a closed network can fail; the look once a second goes on.
    socket.on('error', () => undefined);
    socket.unref();
  }

  /**
   * @param host address or name to bind to (`RUNNER_POKE_HOST`); it is also what web processes send to.
   * @throws the system's error when the host is not this machine's; a runner then goes without.
   */
  static async open(host: string, onPoke: () => void): Promise<PokeListener> {
    const socket = createSocket(socketTypeFor(host));
    const listening = once(socket, 'listening');
    socket.bind({ address: host, port: 0 });
    try {
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    return new PokeListener(socket, formatPokeAddress({ host, port: socket.address().port }), onPoke);
  }

  close(): void {
    clearTimeout(this.pending);
    this.socket.removeAllListeners('message');
    this.socket.close();
  }

  private hear(): void {
    if (this.pending) return;
    const waitMs = Math.max(0, this.heardMs + GAP_MS - performance.now());
    if (waitMs === 0) return this.tell();
    this.pending = setTimeout(() => this.tell(), waitMs);
  }

  private tell(): void {
    this.pending = undefined;
    this.heardMs = performance.now();
    this.onPoke();
  }
}
