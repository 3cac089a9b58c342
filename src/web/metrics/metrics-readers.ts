import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AppConfig } from '../../common/config/app-config';

/** Who may read the metrics: programs with the token, and machines of the networks that are named. */
@Injectable()
export class MetricsReaders {
  private readonly networks = new BlockList();

  constructor(private readonly config: AppConfig) {
    for (const network of config.settings.METRICS_NETWORKS) {
      const [address, bits] = network.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      this.networks.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
    }
  }

  mayRead(request: Request): boolean {
    return this.hasToken(request) || this.comesFromNetwork(request);
  }

  private hasToken(request: Request): boolean {
    const token = this.config.settings.METRICS_TOKEN;
    const [, brought] = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    return token !== undefined && brought !== undefined && timingSafeEqual(digest(token), digest(brought));
  }

  /** What a proxy passes on has the address of the proxy, unless TRUST_PROXY names it. */
  private comesFromNetwork(request: Request): boolean {
    const isPassedOn = request.get('x-forwarded-for') !== undefined || request.get('forwarded') !== undefined;
    if (isPassedOn && this.config.trustedProxies.length === 0) return false;
    const address = (request.ip ?? '').replace(/^::ffff:(?=[\d.]+$)/i, '');
    return address !== '' && this.networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
