/** nginx as a file server of its own: what it hands out, and what it takes by PUT, lies in one folder. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terminate } from '../harness.mjs';
import { untilAnswers } from './client.mjs';

const PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'];

/** @returns null where it is not installed. */
export async function startNginx(folder, port) {
  const program = PLACES.find((path) => existsSync(path));
  if (!program) return null;
  for (const name of ['data', 'body']) {
    mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, name), 0o777);
  }
  const configuration = join(folder, 'nginx.conf');
  // Its own defaults for files: sendfile, bodies by temporary file and rename.
  writeFileSync(
    configuration,
    `daemon off;
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  client_max_body_size 0;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/data;
    location / { dav_methods PUT DELETE; }
  }
}
`,
  );
  const child = spawn(program, ['-c', configuration, '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  await untilAnswers(port, '/');
  return { data: join(folder, 'data'), port, close: () => terminate(child) };
}
