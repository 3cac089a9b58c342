/** A person at the product, as a program: keeps cookies, sends the token of the forms, streams bodies in and out without keeping them. */
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PIECE = Buffer.alloc(1024 * 1024, 'tissue of a mouse ');
const TUS = { 'tus-resumable': '1.0.0' };

export class Client {
  cookies = new Map();
  token = '';
  agent = new Agent({ keepAlive: true });

  constructor(port) {
    this.port = port;
  }

  /** Enters as guest and makes a project. @returns its id. */
  async enter(name) {
    await this.readToken('/login');
    await this.post('/guest', {});
    await this.readToken('/projects');
    return this.createProject(name);
  }

  async createProject(name) {
    const { location } = await this.post('/projects', { name });
    return location.split('/').at(-1);
  }

  async post(path, fields) {
    const body = new URLSearchParams({ _csrf: this.token, ...fields }).toString();
    const answer = await this.ask(path, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer;
  }

  async readToken(path) {
    const { text } = await this.ask(path);
    this.token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? this.token;
  }

  /** One request with a short answer. */
  async ask(path, options = {}) {
    const pieces = [];
    const { status, headers } = await this.exchange(path, options, (piece) => pieces.push(piece));
    return { status, location: headers.location, text: Buffer.concat(pieces).toString('utf8') };
  }

  /** @returns bytes of the answer. */
  async download(path) {
    let bytes = 0;
    const { status } = await this.exchange(path, {}, (piece) => (bytes += piece.length));
    if (status !== 200) throw new Error(`${path}: ${status}`);
    return bytes;
  }

  /** Sends a file by the tus protocol: announced first, then in pieces, one request each. */
  async upload(projectId, name, bytes, piece = bytes) {
    const { location } = await this.announce(projectId, name, bytes);
    const path = location.replace(/^https?:\/\/[^/]+/, '');
    for (let offset = 0; offset < bytes; offset += piece) {
      await this.send(path, 'PATCH', Math.min(piece, bytes - offset), {
        ...TUS,
        'x-csrf-token': this.token,
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
      });
    }
  }

  /** A small file goes out with the request that announces it. */
  uploadSmall(projectId, name, content) {
    return this.announce(projectId, name, content.length, { 'content-type': 'application/offset+octet-stream' }, content);
  }

  async announce(projectId, name, bytes, more = {}, body) {
    const metadata = `filename ${Buffer.from(name).toString('base64')}`;
    const headers = { ...TUS, 'x-csrf-token': this.token, 'upload-length': String(bytes), 'upload-metadata': metadata, ...more };
    const answer = await this.ask(`/projects/${projectId}/uploads`, { method: 'POST', headers, body });
    if (answer.status !== 201) throw new Error(`${name}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer;
  }

  /** Sends so many bytes of nothing in particular. */
  async send(path, method, bytes, headers = {}) {
    const options = { method, headers: { ...headers, 'content-length': String(bytes) }, stream: bytes };
    const { status } = await this.exchange(path, options, () => {});
    if (status >= 300) throw new Error(`${method} ${path}: ${status}`);
  }

  exchange(path, { method = 'GET', headers = {}, body, stream }, onPiece) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { host: `localhost:${this.port}`, accept: 'text/html', ...(cookie ? { cookie } : {}), ...headers };
    if (method !== 'GET') all.origin = `http://localhost:${this.port}`;
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.port, path, method, headers: all, agent: this.agent }, (answer) => {
        for (const line of answer.headers['set-cookie'] ?? []) {
          const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
          this.cookies.set(name, value);
        }
        answer.on('data', onPiece);
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers }));
      });
      // A server closes idle connections, sometimes just when one is used again.
      const again = (error) => request.reusedSocket && stream === undefined && error.code === 'ECONNRESET';
      request.on('error', (error) => (again(error) ? resolve(this.exchange(path, { method, headers, body }, onPiece)) : reject(error)));
      if (stream === undefined) request.end(body);
      else void pump(request, stream).catch(reject);
    });
  }
}

async function pump(request, bytes) {
  for (let sent = 0; sent < bytes;) {
    const piece = PIECE.subarray(0, Math.min(PIECE.length, bytes - sent));
    sent += piece.length;
    if (!request.write(piece)) await new Promise((resolve) => request.once('drain', resolve));
  }
  request.end();
}

export async function untilAnswers(port, path) {
  for (let tries = 0; tries < 300; tries += 1) {
    const works = await fetch(`http://127.0.0.1:${port}${path}`).then(
      (answer) => answer.status < 500,
      () => false,
    );
    if (works) return;
    await sleep(100);
  }
  throw new Error(`Nothing answers on port ${port}`);
}
