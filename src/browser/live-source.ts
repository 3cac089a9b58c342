/**
 * News from the server, by one event stream per browser. Over HTTP/1.1 a browser opens six connections to a host, so a stream in
 * each of seven tabs would make the seventh hang for ever. The visible tabs elect a leader (a heartbeat in localStorage; Web Locks
 * need https) that holds the stream and passes its news on by BroadcastChannel. Where there is no stream the leader polls.
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
  /** Nobody knows what has changed: look at everything. */
  everything?: boolean;
}

export type Condition = 'stream' | 'polling' | 'paused';
type Message = { kind: 'news'; news: News; condition: Condition } | { kind: 'resigned' } | { kind: 'hello' };
interface Leader {
  id: string;
  beatMs: number;
}

const BEAT_MS = 2000;
const STALE_MS = 5000;
const POLL_MS = 5000;
const STREAM_AGAIN_MS = 30_000;
const REMEMBER_MS = 10_000;
const EVERYTHING: News = { runs: [], everything: true };

export class LiveSource {
  private readonly id = String(crypto.getRandomValues(new Uint32Array(2)));
  private readonly key: string;
  private readonly channel: BroadcastChannel | null;
  private stream: EventSource | null = null;
  private beatTimer: number | undefined;
  private pollTimer: number | undefined;
  private streamAfterMs = 0;
  private recent: { atMs: number; news: News }[] = [];

  /**
   * @param address of the event stream.
   * @param writtenMs when the page was written, by the server's clock.
   */
  constructor(
    private readonly address: string,
    private readonly writtenMs: number,
    private readonly onNews: (news: News) => void,
    private readonly onCondition: (condition: Condition) => void,
  ) {
    this.key = `showrunner.live:${address}`;
    this.channel = 'BroadcastChannel' in window ? new BroadcastChannel(this.key) : null;
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

  private resume(): void {
    this.onNews(EVERYTHING);
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
    this.onCondition('paused');
  }

  private beat(): void {
    clearTimeout(this.beatTimer);
    this.beatTimer = window.setTimeout(() => this.beat(), BEAT_MS);
    const leader = this.leader();
    if (leader && leader.id !== this.id && Date.now() - leader.beatMs < STALE_MS) return this.stopLeading();
    this.write({ id: this.id, beatMs: Date.now() });
    if (leader?.id === this.id || !this.channel) return this.lead();
    // Two tabs may have written at once: whoever is still named after a moment leads.
    setTimeout(() => {
      if (!document.hidden && this.leader()?.id === this.id) this.lead();
    }, 50);
  }

  private lead(): void {
    if (this.stream) return;
    if (Date.now() < this.streamAfterMs) return this.poll();
    this.stream = new EventSource(`${this.address}?since=${this.heardUntil()}`);
    this.stream.addEventListener('open', () => {
      clearInterval(this.pollTimer);
      this.pollTimer = undefined;
      this.onCondition('stream');
    });
    this.stream.addEventListener('news', (event) => this.pass(JSON.parse((event as MessageEvent<string>).data) as News, 'stream'));
    this.stream.addEventListener('error', () => {
      // While it is CONNECTING the browser tries again by itself; CLOSED means that the server refused.
      if (this.stream?.readyState === EventSource.CLOSED) {
        this.stream = null;
        this.streamAfterMs = Date.now() + STREAM_AGAIN_MS;
      }
      this.poll();
    });
  }

  /** A tab that follows a leader is up to date but for the time in which a lost leader is noticed. */
  private heardUntil(): number {
    return Math.round(this.writtenMs + Math.max(0, performance.now() - STALE_MS - 2 * BEAT_MS));
  }

  private poll(): void {
    if (this.pollTimer !== undefined) return;
    this.pollTimer = window.setInterval(() => this.pass(EVERYTHING, 'polling'), POLL_MS);
    this.onCondition('polling');
  }

  private stopLeading(): void {
    this.stream?.close();
    this.stream = null;
    clearInterval(this.pollTimer);
    this.pollTimer = undefined;
  }

  /** To this tab and to the others. */
  private pass(news: News, condition: Condition): void {
    const now = Date.now();
    this.recent = [...this.recent.filter((entry) => now - entry.atMs < REMEMBER_MS), { atMs: now, news }];
    this.tell({ kind: 'news', news, condition });
    this.onNews(news);
  }

  private hear(message: Message): void {
    if (document.hidden) return;
    if (message.kind === 'news') {
      this.onCondition(message.condition);
      this.onNews(message.news);
    } else if (message.kind === 'resigned') {
      this.beat();
    } else if (this.stream) {
      const runs = this.recent.flatMap((entry) => entry.news.runs.map(({ say: _said, ...run }) => run));
      this.tell({ kind: 'news', news: { runs, runners: true }, condition: 'stream' });
    }
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private leader(): Leader | null {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? 'null') as Leader | null;
    } catch {
      return null;
    }
  }

  /** Without storage every tab leads itself, and the server's limit per person sends most of them to polling. */
  private write(leader: Leader | null): void {
    try {
      if (leader) localStorage.setItem(this.key, JSON.stringify(leader));
      else localStorage.removeItem(this.key);
    } catch {
      // Storage is switched off.
    }
  }
}
