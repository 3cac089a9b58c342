import { BlockList, isIP } from 'node:net';

/** IPv4: this host, private, shared, loopback, link-local (with the metadata of clouds), for protocols, tests and documents, multicast, reserved. */
const CLOSED_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;
/** IPv6: unspecified, loopback, IPv4 in other clothes, discard, Teredo, documents, 6to4, unique local, link-local, site-local, multicast. */
const CLOSED_6 = [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

/** By family: a list of both would take `::ffff:0:0/96` for all of IPv4. */
interface Networks {
  ipv4: BlockList;
  ipv6: BlockList;
}

const closed = listsOf([...CLOSED_4, ...CLOSED_6]);

/** Which addresses of the network may be spoken to: all that are public, and those that the administrator allows. */
export class NetworkRules {
  private readonly open: Networks;

  /** @param allowed networks such as `10.1.0.0/16`. */
  constructor(allowed: readonly string[]) {
    this.open = listsOf(allowed);
  }

  /** @param address as it was resolved, or connected to. */
  allows(address: string): boolean {
    const plain = plainAddress(address);
    if (isIP(plain) === 0) return false;
    const family = familyOf(plain);
    return this.open[family].check(plain, family) || !closed[family].check(plain, family);
  }
}

/** `::ffff:10.0.0.1` is 10.0.0.1; an address with a zone is that of the zone. */
function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function listsOf(networks: readonly string[]): Networks {
  const lists: Networks = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    lists[family].addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return lists;
}
