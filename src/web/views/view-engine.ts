import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { runInThisContext } from 'node:vm';
import { create, type HelperDelegate, type TemplateDelegate } from 'handlebars';

type Handlebars = ReturnType<typeof create>;
type Template = TemplateDelegate<Record<string, unknown>>;
type Specification = Parameters<Handlebars['template']>[0];
type PrecompileOptions = Parameters<Handlebars['precompile']>[1];
type Done = (error: unknown, html?: string) => void;

const EXTENSION = '.hbs';
const LAYOUT = 'layouts/main';
const PARTIALS = 'partials/';
/** Mails are drawn by the process that sends them, with helpers of their own. */
const NOT_PAGES = 'mail/';
/** What templates were read to, by options and source: most of a start goes there, and a process that starts again reads the same. */
const specifications = new Map<string, Specification>();

const NO_PROTOTYPES = { allowProtoMethodsByDefault: false, allowProtoPropertiesByDefault: false } as const;

/**
 * Handlebars for Express, with the layout and the template named by the code and never by the data: a view model that carries
 * `layout`, `cache` or `settings` (the road of CVE-2021-32820) changes nothing. Only files of the views folder are ever compiled.
 * What the page's frame needs (`res.locals`) wins over a view model of the same name.
 */
export class ViewEngine {
  private readonly templates = new Map<string, Template>();

  /** @param folder the views folder; every page in it is compiled now, so that a broken template stops the start. */
  constructor(
    private readonly folder: string,
    private readonly helpers: Record<string, HelperDelegate>,
  ) {
    const handlebars = create();
    handlebars.registerHelper(helpers);
    for (const file of listTemplates(folder)) {
      const name = file.slice(0, -EXTENSION.length);
      const template = this.compile(handlebars, file);
      this.templates.set(name, template);
      if (name.startsWith(PARTIALS)) handlebars.registerPartial(name.slice(PARTIALS.length), template);
    }
  }

  /** The signature that `app.engine()` wants. */
  readonly express = (path: string, options: object, done: Done): void => {
    try {
      done(null, this.renderPage(this.nameOf(path), options as Record<string, unknown>));
    } catch (error) {
      done(error);
    }
  };

  /** @returns the page inside its layout. */
  renderPage(name: string, options: Record<string, unknown>): string {
    const { _locals: frame, settings: _settings, cache: _cache, ...model } = options;
    const context = { nowMs: Date.now(), ...model, ...(frame as Record<string, unknown> | undefined) };
    return this.render(LAYOUT, { ...context, body: this.render(name, context) });
  }

  /** One template without the layout. @param name path below the views folder without extension: `queue/index`. */
  render(name: string, context: Record<string, unknown>): string {
    const template = this.templates.get(name);
    if (!template) throw new Error(`There is no template views/${name}${EXTENSION}`);
    return template(context, NO_PROTOTYPES);
  }

  private nameOf(path: string): string {
    return relative(this.folder, path).slice(0, -EXTENSION.length).split(sep).join('/');
  }

  private compile(handlebars: Handlebars, file: string): Template {
    const source = readFileSync(join(this.folder, file), 'utf8');
    const knownHelpers = Object.fromEntries(Object.keys(this.helpers).map((name) => [name, true]));
    // A misspelt helper is an error and not an empty place; partials keep the line breaks of <pre>.
    const options = { knownHelpers, knownHelpersOnly: true, preventIndent: true };
    try {
      return handlebars.template<Record<string, unknown>>(specificationOf(handlebars, source, options));
    } catch (error) {
      throw new Error(`views/${file}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function specificationOf(handlebars: Handlebars, source: string, options: PrecompileOptions): Specification {
  const key = JSON.stringify([options, source]);
  const known = specifications.get(key);
  if (known) return known;
  // It gives the text of an object; `compile()` would make that a second time at the first use.
  const code = handlebars.precompile(source, options) as unknown as string;
  const specification = runInThisContext(`(${code})`) as Specification;
  specifications.set(key, specification);
  return specification;
}

function listTemplates(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(EXTENSION));
  const names = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return names.filter((name) => !name.startsWith(NOT_PAGES)).sort();
}
