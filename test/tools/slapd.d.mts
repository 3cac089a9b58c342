export const SUFFIX: string;
export const ROOT: { dn: string; password: string };

export interface Slapd {
  readonly url: string;
  readonly port: number;
  /** Path of its certificate, which nobody else has signed. */
  readonly certificate: string;
  start(): Promise<void>;
  end(): Promise<void>;
  stop(): Promise<void>;
}

export function startSlapd(ldif: string): Promise<Slapd>;
