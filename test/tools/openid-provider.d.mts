import type { KeyObject } from 'node:crypto';

export interface TestClient {
  redirectUri: string;
  clientId: string;
  clientSecret: string;
}

export interface TestProvider {
  who: string | null;
  readonly people: Map<string, Record<string, unknown>>;
  forge: ((claims: Record<string, unknown>) => string) | null;
  readonly issuer: string;
  authorise(address: string): Promise<string>;
  sign(claims: Record<string, unknown>, how?: { key?: KeyObject; header?: Record<string, unknown> }): string;
  close(): Promise<void>;
}

export function startOpenIdProvider(client: TestClient): Promise<TestProvider>;
