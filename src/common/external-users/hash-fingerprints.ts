import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { FactsRepository } from '../database/facts.repository';

/** Tell whether the table has the same hash as before, and nothing about it to whoever has no key. */
@Injectable()
export class HashFingerprints {
  private key: Promise<string> | undefined;

  constructor(private readonly facts: FactsRepository) {}

  /** @param sha256 in hex. @returns an HMAC of it in hex. */
  async of(sha256: string): Promise<string> {
    this.key ??= this.facts.signingKey();
    return createHmac('sha256', await this.key)
      .update(`external-hash:${sha256}`)
      .digest('hex');
  }
}
