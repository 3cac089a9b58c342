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
  const Native = window.Worker;
  window.Worker = class extends Native {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(loaderOf(new URL(address, document.baseURI), options?.type === 'module'), options);
    }
  };

  function loaderOf(address: URL, isModule: boolean): string {
    if (address.protocol === 'blob:' || address.protocol === 'data:') return address.href;
    const written = JSON.stringify(address.href);
    const lines = isModule ? `import ${written};` : `(${asIfThere.toString()})(${written});importScripts(${written});`;
    return URL.createObjectURL(new Blob([lines], { type: 'text/javascript' }));
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
