/**
 * News from the server, by one event stream per browser. Over HTTP/1.1 a browser opens six connections to a host, so a stream in
 * each of seven tabs would make the seventh hang for ever. The visible tabs elect a leader (a heartbeat in localStorage; Web Locks
 * need https) that holds the stream and passes its news on by BroadcastChannel. Where there is no stream, or one that stays silent as
 * behind a proxy that gathers before it sends, the leader polls. Tabs that cannot reach one another lead themselves.
 */

export interface RunNews {
  id: number;
  state: string;
  /** Grows with every change of the run. */
  version: number;
  /** Only of one's own runs. */
  project?: string;
  /** The sentence to announce, only of one's own runs and only when the state is new. */
  say?: string;
}

export interface News {
  runs: RunNews[];
  /** A runner came, went, was told another mode, or changed its places. */
  runners?: boolean;
  /** Nobody knows what has changed: look at everything. `poll`: and that nothing may have. */
  everything?: true | 'poll';
}

export type Condition = 'stream' | 'polling' | 'paused';
type Message = { kind: 'news'; news: News; condition: Condition | undefined } | { kind: 'resigned' } | { kind: 'hello' };
interface Leader {
  id: string;
  beatMs: number;
}

const BEAT_MS = 2000;
const STALE_MS = 5000;
const POLL_MS = 5000;
/** The server says at once that the stream is open, and from then on every ten seconds that it still is. */
const FIRST_SIGN_MS = 8000;
const SIGN_MS = 25_000;
/** A stream that was refused or stayed silent is tried again, less and less often. */
const STREAM_AGAIN_MS = 30_000;
const STREAM_AGAIN_MOST_MS = 5 * 60_000;
/** Between two beats so much passes only while the machine sleeps: what was connected before is not any more. */
const SLEPT_MS = 20_000;
const REMEMBER_MS = 10_000;
const NOTHING: News = { runs: [] };
const EVERYTHING: News = { runs: [], everything: true };

/** By a clock that nobody sets. */
function now(): number {
  return performance.now();
}

export class LiveSource {
  private readonly id = String(crypto.getRandomValues(new Uint32Array(2)));
  private readonly key: string;
  private readonly channel: BroadcastChannel | null;
  private stream: EventSource | null = null;
  private beatTimer: number | undefined;
  private beatMs = 0;
  private pollTimer: number | undefined;
  /** When the stream gave its last sign of life, or was opened. */
  private signMs = 0;
  private hasSign = false;
  private streamAfterMs = 0;
  private refusals = 0;
  private condition: Condition | undefined;
  private recent: { atMs: number; news: News }[] = [];

  /**
   * @param address of the event stream; '' where there is none for this reader.
   * @param writtenMs when the page was written, by the server's clock, less the time that it took to come.
   */
  constructor(
    private readonly address: string,
    private readonly writtenMs: number,
    private readonly onNews: (news: News) => void,
    private readonly onCondition: (condition: Condition) => void,
  ) {
    this.key = `showrunner.live:${address}`;
    this.channel = openChannel(this.key);
    this.channel?.addEventListener('message', (event: MessageEvent<Message>) => this.hear(event.data));
  }

  start(): void {
    document.addEventListener('visibilitychange', () => (document.hidden ? this.pause() : this.resume()));
    window.addEventListener('pagehide', () => this.pause());
    window.addEventListener('pageshow', (event) => {
      if (event.persisted) this.resume();
    });
    if (document.hidden) return;
    // The page may have been written a moment before this tab listens: the leader repeats what it heard lately.
    this.tell({ kind: 'hello' });
    this.beat();
  }

  /** The server was away and is back: what it refused meanwhile it may not refuse now. */
  tryAgain(): void {
    this.streamAfterMs = 0;
    this.refusals = 0;
  }

  private resume(): void {
    this.onNews(EVERYTHING);
    this.beatMs = 0;
    this.beat();
  }

  /** A tab that nobody sees holds no connection and leads nobody. */
  private pause(): void {
    clearTimeout(this.beatTimer);
    this.stopLeading();
    if (this.leader()?.id === this.id) {
      this.write(null);
      this.tell({ kind: 'resigned' });
    }
    this.enter('paused');
  }

  private beat(): void {
    clearTimeout(this.beatTimer);
    this.beatTimer = window.setTimeout(() => this.beat(), BEAT_MS);
    this.noticeSleep();
    const leader = this.leader();
    // By the age either way: clocks are set back, and a leader of the future would never be missed.
    if (leader && leader.id !== this.id && Math.abs(Date.now() - leader.beatMs) < STALE_MS) return this.stopLeading();
    const isKept = this.write({ id: this.id, beatMs: Date.now() });
    if (leader?.id === this.id || !isKept) return this.lead();
    // Two tabs may have written at once: whoever is still named after a moment leads.
    setTimeout(() => {
      if (!document.hidden && this.leader()?.id === this.id) this.lead();
    }, 50);
  }

  private noticeSleep(): void {
    const before = this.beatMs;
    this.beatMs = Date.now();
    if (before === 0 || Math.abs(this.beatMs - before) < SLEPT_MS) return;
    this.stopLeading();
    this.streamAfterMs = 0;
    this.onNews(EVERYTHING);
  }

  private lead(): void {
    if (this.stream) return this.missSigns();
    if (this.address === '' || now() < this.streamAfterMs) return this.poll();
    this.hasSign = false;
    this.signMs = now();
    const stream = new EventSource(`${this.address}?since=${this.heardUntil()}`);
    this.stream = stream;
    stream.addEventListener('beat', () => this.takeSign());
    stream.addEventListener('news', (event) => {
      this.takeSign();
      this.pass(JSON.parse((event as MessageEvent<string>).data) as News);
    });
    stream.addEventListener('error', () => {
      if (this.stream !== stream) return;
      // While it is CONNECTING the browser tries again by itself; CLOSED means that the server refused.
      if (stream.readyState === EventSource.CLOSED) this.giveUp();
      else this.poll();
    });
  }

  /** An open stream says nothing by itself: a proxy may hold back what comes, and a broken line is not seen. */
  private takeSign(): void {
    this.signMs = now();
    this.hasSign = true;
    this.refusals = 0;
    if (this.pollTimer !== undefined) {
      // What happened between the last poll and now is repeated as far as the server remembers it.
      this.stopPolling();
      this.pass(EVERYTHING);
    }
    this.enter('stream');
  }

  private missSigns(): void {
    if (now() - this.signMs > (this.hasSign ? SIGN_MS : FIRST_SIGN_MS)) this.giveUp();
  }

  private giveUp(): void {
    this.stream?.close();
    this.stream = null;
    this.streamAfterMs = now() + Math.min(STREAM_AGAIN_MS * 2 ** this.refusals, STREAM_AGAIN_MOST_MS);
    this.refusals += 1;
    this.poll();
  }

  /** A tab that follows a leader is up to date but for the time in which a lost leader is noticed. */
  private heardUntil(): number {
    return Math.round(this.writtenMs + Math.max(0, now() - STALE_MS - 2 * BEAT_MS));
  }

  private poll(): void {
    if (this.pollTimer !== undefined) return;
    this.pollTimer = window.setInterval(() => this.pass({ runs: [], everything: 'poll' }), POLL_MS);
    this.enter('polling');
  }

  private stopPolling(): void {
    clearInterval(this.pollTimer);
    this.pollTimer = undefined;
  }

  private stopLeading(): void {
    this.stream?.close();
    this.stream = null;
    this.stopPolling();
  }

  /** To this tab and to the others. */
  private pass(news: News): void {
    this.recent = [...this.recent.filter((entry) => now() - entry.atMs < REMEMBER_MS), { atMs: now(), news }];
    this.tell({ kind: 'news', news, condition: this.condition });
    this.onNews(news);
  }

  /** Those who follow are told with the news, or with none. */
  private enter(condition: Condition): void {
    if (condition === this.condition) return;
    this.condition = condition;
    this.onCondition(condition);
    if (condition !== 'paused') this.tell({ kind: 'news', news: NOTHING, condition });
  }

  private hear(message: Message): void {
    if (document.hidden) return;
    const isLeading = this.stream !== null || this.pollTimer !== undefined;
    if (message.kind === 'resigned') this.beat();
    else if (message.kind === 'hello') {
      if (isLeading) this.repeat();
    } else if (!isLeading) {
      this.condition = message.condition;
      if (message.condition) this.onCondition(message.condition);
      this.onNews(message.news);
    }
  }

  private repeat(): void {
    const runs = this.recent.flatMap((entry) => entry.news.runs.map(({ say: _said, ...run }) => run));
    this.tell({ kind: 'news', news: { runs, runners: true }, condition: this.condition });
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private leader(): Leader | null {
    if (!this.channel) return null;
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? 'null') as Leader | null;
    } catch {
      return null;
    }
  }

  /** @returns false where nothing is kept: then every tab leads itself, and the server's limit per person sends most of them to polling. */
  private write(leader: Leader | null): boolean {
    if (!this.channel) return false;
    try {
      if (leader) localStorage.setItem(this.key, JSON.stringify(leader));
      else localStorage.removeItem(this.key);
      return true;
    } catch {
      return false;
    }
  }
}

/** Old browsers have none, and some refuse it where they keep nothing. */
function openChannel(name: string): BroadcastChannel | null {
  try {
    return 'BroadcastChannel' in window ? new BroadcastChannel(name) : null;
  } catch {
    return null;
  }
}
