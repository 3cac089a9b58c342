import { isParameterName } from '../../common/pipelines/names';

const MOST = 56;

/** Gives each foreign name one that a parameter may have, and none twice. */
export class Names {
  private readonly taken = new Set<string>();

  give(origin: string): string {
    const plain = origin
      .normalize('NFKD')
      .replaceAll(/\p{Mark}/gu, '')
      .replaceAll(/[^A-Za-z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, MOST);
    const base = /^[A-Za-z]/.test(plain) ? plain : `p_${plain}`;
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}_${number}`;
      if (!isParameterName(name) || this.taken.has(name)) continue;
      this.taken.add(name);
      return name;
    }
  }
}
