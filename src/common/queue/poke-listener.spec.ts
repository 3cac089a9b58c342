import { createSocket } from 'node:dgram';
import { until } from '../../../test/until';
import { parsePokeAddress, formatPokeAddress } from './poke-address';
import { PokeListener } from './poke-listener';

describe('poke addresses', () => {
  it.each(['127.0.0.1:4711', '[::1]:4711', 'lab1.example.org:65535'])('%s is read and written alike', (address) => {
    expect(formatPokeAddress(parsePokeAddress(address)!)).toBe(address);
  });

  it.each(['', 'lab1', 'lab1:0', 'lab1:70000', ':4711', 'a:b:4711'])('"%s" is none', (address) => {
    expect(parsePokeAddress(address)).toBeNull();
  });
});

describe('PokeListener', () => {
  const flood = async (address: string, count: number) => {
    const { host, port } = parsePokeAddress(address)!;
    const socket = createSocket('udp4');
    for (let sent = 0; sent < count; sent += 1) await new Promise((resolve) => socket.send('look', port, host, resolve));
    socket.close();
  };

  it('hears a datagram', async () => {
    let count = 0;
    const listener = await PokeListener.open('127.0.0.1', () => (count += 1));
    await flood(listener.address, 1);
    await until(() => count === 1);
    listener.close();
  });

  it('makes few looks of a flood, the first at once', async () => {
    let count = 0;
    const begin = performance.now();
    const listener = await PokeListener.open('127.0.0.1', () => (count += 1));
    await flood(listener.address, 500);
    await until(() => count > 0);
    listener.close();
    expect(count).toBeLessThanOrEqual((performance.now() - begin) / 10 + 1);
  });

  it('says when the address is not of this machine', async () => {
    await expect(PokeListener.open('192.0.2.1', () => undefined)).rejects.toThrow(/EADDRNOTAVAIL/);
  });
});
