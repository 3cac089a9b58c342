/**
 * The first script of every page that a pipeline wrote, in whose origin it runs: it has no name, no cookies and no rights of ours. Such a
 * page belongs into a frame of ours; opened by itself it gives way to the page that has the frame. And since an origin without a name may
 * not start workers from files, workers are started from a line that loads the file.
 */
((page: string | undefined): void => {
  if (window.top === window) {
    window.stop();
    document.documentElement.replaceChildren();
    if (page !== undefined) location.replace(page);
    return;
  }
  forbidCalls();
  const Native = window.Worker;
  window.Worker = class extends Native {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(loaderOf(new URL(address, document.baseURI), options?.type === 'module'), options);
    }
  };

  /**
   * Calls between browsers obey no content policy in most of them, and would carry a message out. A frame inside would bring a window of its
   * own, with calls in it: frames are taken out before they load, wherever they are put.
   */
  function forbidCalls(): void {
    for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'mozRTCPeerConnection']) {
      Object.defineProperty(window, name, { value: undefined, configurable: false, writable: false });
    }
    const { remove } = Element.prototype;
    const { querySelectorAll: within } = Element.prototype;
    const { apply } = Reflect;
    const clear = (added: Node): void => {
      if (!(added instanceof Element)) return;
      if (/^i?frame$|^object$|^embed$/.test(added.localName)) apply(remove, added, []);
      else for (const frame of apply(within, added, ['iframe, frame, object, embed']) as Iterable<Element>) apply(remove, frame, []);
    };
    const watch = (root: Node): void =>
      new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach(clear))).observe(root, {
        childList: true,
        subtree: true,
      });
    watch(document);
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (this: Element, options: ShadowRootInit): ShadowRoot {
      const root: ShadowRoot = apply(attachShadow, this, [options]);
      watch(root);
      return root;
    };
  }

  function loaderOf(address: URL, isModule: boolean): string {
    if (address.protocol === 'blob:' || address.protocol === 'data:') return address.href;
    const written = JSON.stringify(address.href);
    // Browsers start modules from no blob of an origin without a name.
    if (isModule) return `data:text/javascript,${encodeURIComponent(`(${withPatience.toString()})(import(${written}))`)}`;
    const lines = `(${asIfThere.toString()})(${written});importScripts(${written});`;
    return URL.createObjectURL(new Blob([lines], { type: 'text/javascript' }));
  }

  /** What is said to a worker before its module is there is told to it then. */
  function withPatience(module: Promise<unknown>): void {
    const early: MessageEvent[] = [];
    const keep = (event: MessageEvent): void => {
      event.stopImmediatePropagation();
      early.push(event);
    };
    self.addEventListener('message', keep);
    const tell = (): void => {
      self.removeEventListener('message', keep);
      for (const { data, ports } of early) self.dispatchEvent(new MessageEvent('message', { data: data as unknown, ports: [...ports] }));
    };
    void module.then(tell);
  }

  /** Relative addresses in a worker mean its file, and not the line that loads it. */
  function asIfThere(file: string): void {
    type Fetch = (address: unknown, options?: RequestInit) => Promise<Response>;
    const scope = self as unknown as { importScripts: (...addresses: string[]) => void; fetch: Fetch };
    const { importScripts, fetch: ask } = scope;
    const whole = (address: unknown): string => new URL(String(address), file).href;
    scope.importScripts = (...addresses) => importScripts.apply(self, addresses.map(whole));
    scope.fetch = (address, options) => ask.call(self, address instanceof Request ? address : whole(address), options);
    const open = XMLHttpRequest.prototype.open as (this: XMLHttpRequest, ...words: unknown[]) => void;
    XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, method: string, address: string | URL, ...rest: unknown[]): void {
      open.call(this, method, whole(address), ...rest);
    };
  }
})((document.currentScript as HTMLScriptElement | null)?.dataset['page']);
