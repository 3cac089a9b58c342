import { createSocket, type Socket } from 'node:dgram';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { parsePokeAddress, socketTypeFor, type PokeAddress } from './poke-address';
import { QueueFiguresRepository } from './queue-figures.repository';

const REMEMBERED_MS = 3000;

/**
 * Wakes the runners with one datagram each, so that a run starts within milliseconds. Best effort: a runner also looks by itself once
 * a second, so a lost datagram costs a second and never a run.
 */
@Injectable()
export class Poke implements OnApplicationShutdown {
  private readonly logger = new Logger(Poke.name);
  private readonly sockets = new Map<'udp4' | 'udp6', Socket>();
  private known: { untilMs: number; addresses: Promise<PokeAddress[]> } | undefined;
  private closed = false;

  constructor(
    private readonly figures: QueueFiguresRepository,
    private readonly config: AppConfig,
  ) {}

  /** Never fails; resolves when the datagrams are handed to the system. Callers need not wait for it. */
  async pokeRunners(): Promise<void> {
    try {
      const addresses = await this.addresses();
      await Promise.all(addresses.map((address) => this.send(address)));
    } catch (error) {
      this.logger.debug(`Could not poke the runners: ${String(error)}`);
    }
  }

  onApplicationShutdown(): void {
    this.closed = true;
    for (const socket of this.sockets.values()) socket.close();
    this.sockets.clear();
  }

  private addresses(): Promise<PokeAddress[]> {
    const now = performance.now();
    if (!this.known || this.known.untilMs <= now) {
      const addresses = this.readAddresses();
      // Nothing is remembered of nobody: the first runner is to be found as soon as it is there.
      addresses.then(
        (found) => found.length === 0 && (this.known = undefined),
        () => (this.known = undefined),
      );
      this.known = { untilMs: now + REMEMBERED_MS, addresses };
    }
    return this.known.addresses;
  }

  private async readAddresses(): Promise<PokeAddress[]> {
    const runners = await this.figures.aliveRunners(this.config.settings.RUNNER_STALE);
    return runners.flatMap(({ pokeAddress }) => (pokeAddress === null ? [] : (parsePokeAddress(pokeAddress) ?? [])));
  }

  /** Resolves also when it fails: a command may end as soon as the system has the datagram, and not before. */
  private send({ host, port }: PokeAddress): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket(socketTypeFor(host)).send('look', port, host, (error) => {
        if (error) this.logger.debug(`Could not poke ${host}:${port}: ${error.message}`);
        resolve();
      });
    });
  }

  private socket(type: 'udp4' | 'udp6'): Socket {
    const known = this.sockets.get(type);
    if (known) return known;
    const socket = createSocket(type);
    socket.on('error', (error) => this.logger.debug(`The socket that pokes runners: ${error.message}`));
    socket.unref();
    this.sockets.set(type, socket);
    return socket;
  }
}
