import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { english } from '../../locales/text';
import { Assets } from './assets';
import { createHelpers } from './helpers';
import { ViewEngine } from './view-engine';

const HOME = resolve(__dirname, '..', '..', '..');
const VIEWS = join(HOME, 'views');
const ICONS = join(HOME, 'node_modules', '@tabler', 'icons', 'icons', 'outline');
/** Mails have rules of their own: they need inline styles. */
const templates = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.hbs') && !file.startsWith('mail'))
  .map((file) => ({ file, source: readFileSync(join(VIEWS, file), 'utf8') }));

/** Every place in any page where the pattern matches, as `file: text`. */
function findings(pattern: RegExp, without: (file: string) => boolean = () => false): string[] {
  return templates
    .filter(({ file }) => !without(file))
    .flatMap(({ file, source }) => [...source.matchAll(pattern)].map((match) => `${file}: ${match[0]}`));
}

describe('page templates', () => {
  it('are found, and each compiles with the helpers that there are', () => {
    expect(templates.length).toBeGreaterThan(10);
    expect(() => new ViewEngine(VIEWS, createHelpers(new Assets('/nowhere')))).not.toThrow();
  });

  it('write nothing unescaped but the body of the layout', () => {
    expect(findings(/\{\{(?:\{|&)[^}]*\}\}\}?/g, (file) => file.startsWith('layouts'))).toEqual([]);
    expect([...new Set(findings(/\{\{\{[^}]*\}\}\}/g, (file) => !file.startsWith('layouts')))]).toEqual(['layouts/main.hbs: {{{body}}}']);
  });

  it('quote every attribute that holds data', () => expect(findings(/[\w-]=\{\{[^}]*\}\}/g, () => false)).toEqual([]));

  it('have no inline style and no inline handler', () => {
    expect(findings(/\sstyle\s*=/g)).toEqual([]);
    expect(findings(/<style/g)).toEqual([]);
    expect(findings(/<[^>{]*\son\w+\s*=/g)).toEqual([]);
    expect(findings(/javascript:/gi)).toEqual([]);
  });

  it('have no data in scripts but JSON', () => {
    const scripts = findings(/<script[^>]*>[\s\S]*?<\/script>/g).map((found) => found.slice(found.indexOf('<')));
    const json = /^<script type="application\/json"[^>]*>\s*\{\{(?:json [^}]*|timeWords|plotWords)\}\}\s*<\/script>$/;
    const module = /^<script type="module" src="\{\{asset '[^']+'\}\}"><\/script>$/;
    expect(scripts.filter((script) => !json.test(script) && !module.test(script))).toEqual([]);
  });

  it('name only sentences that exist', () => {
    const known = new Set(Object.entries(english).flatMap(([area, sentences]) => Object.keys(sentences).map((name) => `${area}.${name}`)));
    const named = findings(/[({]t '[^']+'/g).map((found) => ({ found, key: found.slice(found.indexOf("'") + 1, -1) }));
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ key }) => !known.has(key)).map(({ found }) => found)).toEqual([]);
  });

  it('hold no sentence of their own', () => {
    const visible = ({ source }: { source: string }) =>
      source
        .replace(/\{\{![\s\S]*?\}\}/g, ' ')
        .replace(/\{\{[\s\S]*?\}\}/g, ' ')
        .replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
        .replace(/<[^>]*>/g, ' ');
    const words = templates.flatMap((template) =>
      [...visible(template).matchAll(/[A-Za-z]{2,}[^\n]*/g)].map((match) => `${template.file}: ${match[0]}`),
    );
    expect(words).toEqual([]);
  });

  it('name only icons that exist', () => {
    const icons = new Set(readdirSync(ICONS).map((file) => file.replace(/\.svg$/, '')));
    const named = findings(/icon '[^']+'/g);
    expect(named.filter((found) => !icons.has(found.slice(found.indexOf("'") + 1, -1)))).toEqual([]);
  });

  it('carry a token in every form that posts', () => {
    const forms = findings(/<form[^>]*method="post"[\s\S]*?<\/form>/g);
    expect(forms.length).toBeGreaterThan(3);
    expect(forms.filter((form) => !/<form[^>]*>\s*(?:\{\{!.*?\}\}\s*)?\{\{> csrf\}\}/.test(form))).toEqual([]);
  });

  it('load nothing from elsewhere', () => expect(findings(/(?:src|href|action)="(?:https?:)?\/\/[^"]*"/g)).toEqual([]));
});
