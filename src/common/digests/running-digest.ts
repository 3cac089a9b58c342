import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface Digests {
  /** Hexadecimal. */
  sha256: string;
  /** As zip archives have it. */
  crc32: number;
}

/** The checksums of bytes that stream past. */
export class RunningDigest {
  private readonly hash = createHash('sha256');
  private crc = 0;
  private count = 0;

  update(piece: Buffer): void {
    this.hash.update(piece);
    this.crc = crc32(piece, this.crc);
    this.count += piece.length;
  }

  /** How many have passed. */
  get bytes(): number {
    return this.count;
  }

  /** Of all that has passed; more may follow. */
  digests(): Digests {
    return { sha256: this.hash.copy().digest('hex'), crc32: this.crc };
  }
}
