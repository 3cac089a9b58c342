/** A private MariaDB for tests and benchmarks. */
export interface MariadbServer {
  socket: string;
  folder: string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}
export function startMariadb(options?: {
  keep?: string;
  forgetful?: boolean;
  environment?: Record<string, string>;
}): Promise<MariadbServer>;
