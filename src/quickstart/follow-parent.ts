/**
 * Loaded into each child of quickstart before its own code. The child's standard input is a pipe that quickstart never writes to: it ends
 * when quickstart is gone, even by SIGKILL, and then the child ends itself in good order instead of holding the port.
 */
process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.on('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();
// It must not keep a finished command alive.
(process.stdin as unknown as { unref?: () => void }).unref?.();
// The log goes into a pipe that may be gone too; losing a line of it is no reason to crash in the middle of stopping.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
