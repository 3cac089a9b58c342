/** A private Docker Engine for tests. */
export interface Dockerd {
  /** Everything of it lies below. */
  folder: string;
  /** As DOCKER_HOST takes it. */
  host: string;
  socket: string;
  readonly pid: number | null;
  log: string;
  start(): Promise<void>;
  end(signal?: NodeJS.Signals): Promise<void>;
  kill(): Promise<void>;
  cutPower(): Promise<void>;
  remove(): Promise<void>;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: string }>;
  importImage(name: string, root: string): Promise<void>;
}
export const TEST_IMAGE: string;
export function whyNoDockerd(): string | null;
export function startDockerd(options?: { liveRestore?: boolean }): Promise<Dockerd>;
