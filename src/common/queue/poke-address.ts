import { isIPv6 } from 'node:net';

/** Where a runner listens for datagrams. */
export interface PokeAddress {
  host: string;
  port: number;
}

/** `127.0.0.1:4711`, `[::1]:4711`: as it stands in the row of a runner. */
export function formatPokeAddress({ host, port }: PokeAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The parts of such an address; null for anything else. */
export function parsePokeAddress(text: string): PokeAddress | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** The kind of UDP socket that reaches a host. */
export function socketTypeFor(host: string): 'udp4' | 'udp6' {
  return isIPv6(host) ? 'udp6' : 'udp4';
}
