import { spawn, type ChildProcess } from 'node:child_process';

/** How a tool is called. */
export interface ToolCall {
  /** Name, looked up in the PATH of `env`, or absolute path. */
  program: string;
  /** Byte for byte; never seen by a shell. */
  args: readonly string[];
  /** The whole environment of the tool: `AppConfig.programEnvironment` and what the tool itself needs. */
  env: Readonly<Record<string, string>>;
  cwd?: string;
  /** After this time the tool and its children are killed. */
  withinMs: number;
  /** Bytes of each output that are kept; more than that is read and dropped. */
  mostBytes?: number;
}

/** How a tool ended and what it said. Its exit status alone proves nothing: some tools end with 0 and an error on standard error. */
export interface ToolAnswer {
  /** Null when a signal ended it, or when it could not even be started. */
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  /** Why it could not be started, such as `ENOENT`; null when it was. */
  spawnFailure: string | null;
  /** Whether an output was longer than `mostBytes`, so that its end is missing. */
  isCut: boolean;
}

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Runs a small helper of the system, such as `sbatch` or `docker`, and waits for its end. Not for the programs of pipelines: those are
 * started by executors and outlive this process.
 */
export function runTool(call: ToolCall): Promise<ToolAnswer> {
  const { program, args, env, cwd, withinMs } = call;
  const answer: ToolAnswer = { code: null, stdout: '', stderr: '', timedOut: false, spawnFailure: null, isCut: false };
  return new Promise((resolve) => {
    let child: ChildProcess;
    try {
      // A group of its own, so that its children can be ended with it.
      child = spawn(program, args, { env, ...(cwd === undefined ? {} : { cwd }), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      return resolve({ ...answer, spawnFailure: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
    const most = call.mostBytes ?? MOST_BYTES;
    const outputs = [child.stdout, child.stderr].map((stream) => collect(stream, most, answer));
    const timer = setTimeout(() => {
      answer.timedOut = true;
      killGroup(child);
      // A grandchild with a session of its own may still hold the pipes.
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    }, withinMs);
    child.once('error', (error: NodeJS.ErrnoException) => {
      answer.spawnFailure = error.code ?? error.message;
      clearTimeout(timer);
      resolve(answer);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const [stdout, stderr] = outputs.map((chunks) => Buffer.concat(chunks).toString('utf8'));
      resolve({ ...answer, code, stdout, stderr });
    });
  });
}

function collect(stream: ChildProcess['stdout'], most: number, answer: ToolAnswer): Buffer[] {
  const chunks: Buffer[] = [];
  let size = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (size + chunk.length > most) answer.isCut = true;
    if (size < most) chunks.push(chunk.subarray(0, most - size));
    size += chunk.length;
  });
  stream?.on('error', () => undefined);
  return chunks;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended just now.
  }
}
