import { posix } from 'node:path';

/** The rules of the house that lint cannot hold, each as a function from a source file to its faults. */

export interface SourceFile {
  /** From the root of the project, with `/`. */
  path: string;
  text: string;
}

export interface Rule {
  name: string;
  /** Lines at fault, in words; empty when all is well. */
  check(file: SourceFile): string[];
  /** Files that the rule must object to, so that it cannot fall asleep. */
  bad: SourceFile[];
  good: SourceFile[];
}

const isSource = ({ path }: SourceFile) => path.startsWith('src/') && path.endsWith('.ts') && !path.endsWith('.spec.ts');
const MOST_LINES = 300;
const MOST_ENTRYPOINT_LINES = 20;

const file = (path: string, text: string): SourceFile => ({ path, text });

/** Every match outside comments, as "line 3: what". */
function find(text: string, pattern: RegExp): string[] {
  const lines = withoutComments(text).split('\n');
  return lines.flatMap((line, index) => (pattern.test(line) ? [`line ${index + 1}: ${line.trim()}`] : []));
}

/** Line numbers stay. A `//` inside a text in quotes is left alone when a quote follows it. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' ')).replaceAll(/(^|[\s;{}])\/\/[^'"`\n]*$/gm, '$1');
}

const onlyConfigReadsTheEnvironment: Rule = {
  name: 'only common/config (and quickstart, which hands it to its children, and the client, which runs elsewhere) reads process.env',
  check: (source) =>
    isSource(source) && !/^src\/(common\/config\/|quickstart\/|client\/environment\.ts$)/.test(source.path)
      ? find(source.text, /\bprocess\.env\b/)
      : [],
  bad: [file('src/web/x.ts', `const port = process.env['PORT'];`), file('src/client/x.ts', `const home = process.env['HOME'];`)],
  good: [file('src/common/config/x.ts', `const port = process.env['PORT'];`), file('src/web/x.ts', `// process.env is not for us`)],
};

const MAY_SPEAK_SQL = /(\.repository|\.entity|-store|\.module)\.ts$|^src\/common\/database\//;

const onlyRepositoriesImportTypeorm: Rule = {
  name: 'only repositories, entities, stores, modules (for the connection) and common/database import typeorm',
  check: (source) =>
    isSource(source) && !MAY_SPEAK_SQL.test(source.path) ? find(source.text, /(from|import\()\s*'(typeorm|@nestjs\/typeorm)'/) : [],
  bad: [file('src/web/show/show.service.ts', `import { DataSource } from 'typeorm';`)],
  good: [
    file('src/common/users/users.repository.ts', `import { In } from 'typeorm';`),
    file('src/web/x.ts', `import { x } from './typeorm';`),
  ],
};

const noHiddenTransactions: Rule = {
  name: 'no save() and remove() of TypeORM: they open transactions of their own',
  check: (source) =>
    isSource(source) && /'typeorm'/.test(source.text)
      ? find(source.text, /\b(this\.\w+|\w*[rR]epository|manager)\.(save|remove|softRemove)\(/)
      : [],
  bad: [
    file('src/a/a.repository.ts', `import { Repository } from 'typeorm';\nawait this.users.save(user);`),
    file('src/a/a.repository.ts', `import { Repository } from 'typeorm';\nawait this.users.remove(user);`),
  ],
  good: [
    file('src/a/a.ts', `await this.directory.remove(path);`),
    file('src/a/a.repository.ts', `import 'typeorm';\nawait this.users.delete({ id });`),
  ],
};

const entrypointsHoldNoLogic: Rule = {
  name: `entrypoints have at most ${MOST_ENTRYPOINT_LINES} lines`,
  check: ({ path, text }) => {
    const count = text.trimEnd().split('\n').length;
    return /^src\/[\w-]+\.ts$/.test(path) && count > MOST_ENTRYPOINT_LINES ? [`${count} lines`] : [];
  },
  bad: [file('src/web.ts', 'x;\n'.repeat(21))],
  good: [file('src/web.ts', 'x;\n'.repeat(20)), file('src/web/long.ts', 'x;\n'.repeat(21))],
};

const filesAreShort: Rule = {
  name: `files have at most ${MOST_LINES} lines`,
  check: ({ path, text }) => {
    const count = text.trimEnd().split('\n').length;
    return /^(src|config)\/.*\.(ts|mjs)$/.test(path) && !path.endsWith('.spec.ts') && count > MOST_LINES ? [`${count} lines`] : [];
  },
  bad: [file('src/a/a.ts', 'x;\n'.repeat(301))],
  good: [file('src/a/a.ts', 'x;\n'.repeat(300)), file('src/a/a.spec.ts', 'x;\n'.repeat(301))],
};

const noBarrels: Rule = {
  name: 'no barrels: a file is imported where it is',
  check: (source) => [...(/(^|\/)index\.ts$/.test(source.path) ? ['is called index.ts'] : []), ...find(source.text, /^\s*export \* from/)],
  bad: [file('src/a/index.ts', ''), file('src/a/a.ts', `export * from './b';`)],
  good: [file('src/a/indexes.ts', `export type { B } from './b';`)],
};

const noForwardReferences: Rule = {
  name: 'no forwardRef: a circle of modules is a fault of their cut',
  check: (source) => (isSource(source) ? find(source.text, /\bforwardRef\b/) : []),
  bad: [file('src/a/a.module.ts', `imports: [forwardRef(() => B)],`)],
  good: [file('src/a/a.module.ts', `imports: [B], // no forwardRef`)],
};

const MOST_STEPS_UP = 3;

const importsStayNear: Rule = {
  name: 'imports climb three folders at most',
  check: (source) => (isSource(source) ? find(source.text, new RegExp(`from '(\\.\\./){${MOST_STEPS_UP + 1}}`)) : []),
  bad: [file('src/a/b/c/d/e.ts', `import { x } from '../../../../x';`)],
  good: [file('src/a/b/c/d/e.ts', `import { x } from '../../../x';`)],
};

const APPLICATIONS = ['web', 'runner', 'cleaner', 'admin', 'backup', 'quickstart', 'pipeline', 'client'];
/** Samples of pipelines run in the very executors of the runner, and tools are started as it starts them: a second way would prove nothing. */
const MAY_USE_RUNNER = 'pipeline';

const applicationsAreApart: Rule = {
  name: 'the applications never import one another, and common imports none of them',
  check: (source) => {
    const room = /^src\/(\w+)\//.exec(source.path)?.[1] ?? '';
    if (!isSource(source) || ![...APPLICATIONS, 'common'].includes(room)) return [];
    const targets = [...withoutComments(source.text).matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map((match) => match[1]);
    const rooms = targets.map((target) => posix.join(posix.dirname(source.path), target).split('/')[1]);
    const isFree = (other: string) => other === room || (other === 'runner' && room === MAY_USE_RUNNER);
    return rooms.filter((other) => !isFree(other) && APPLICATIONS.includes(other)).map((other) => `imports from ${other}`);
  },
  bad: [
    file('src/web/a/b.ts', `import { x } from '../../runner/x';`),
    file('src/common/a/b.ts', `import { x } from '../../web/x';`),
    file('src/pipeline/a.ts', `import { x } from '../web/x';`),
  ],
  good: [
    file('src/pipeline/check/a.ts', `import { x } from '../../runner/x';`),
    file('src/web/a/b.ts', `import { x } from '../../common/runner/x';`),
    file('src/web/a/b.ts', `import { x } from '../runner/x';`),
  ],
};

const nothingIsLeftForLater: Rule = {
  name: 'nothing is left for later',
  check: ({ path, text }) =>
    path.startsWith('test/house/')
      ? []
      : text.split('\n').flatMap((line, index) => (/\b(TODO|FIXME|XXX|HACK)\b/.test(line) ? [`line ${index + 1}: ${line.trim()}`] : [])),
  bad: [file('src/a.ts', '// TODO: later')],
  good: [file('src/a.ts', 'const todoList = 1;')],
};

const classesSayWhatTheyAreFor: Rule = {
  name: 'exported classes say what they are for, or their file does; modules of Nest are lists and need no words',
  check: (source) => (isSource(source) && !/^@Module/m.test(source.text) ? undocumentedClasses(source.text) : []),
  bad: [
    file('src/a/a.ts', `import 'x';\n\n@Injectable()\nexport class A {}`),
    file('src/a/a.ts', `/** B. */\nconst b = 1;\n\nexport class A {}`),
  ],
  good: [
    file('src/a/a.ts', `import 'x';\n\n/** Does. */\n@Entity({\n  name: 'a',\n})\nexport class A {}`),
    file('src/a/a.ts', `/** Errors. */\nimport 'x';\n\nexport class A {}`),
    file('src/a/a.module.ts', `@Module({})\nexport class A {}`),
  ],
};

const sentencesAreMadeWhenNeeded: Rule = {
  name: 'no sentence is made when a module loads: it would keep one language for everybody',
  check: (source) => (isSource(source) ? frozenSentences(source.text) : []),
  bad: [
    file('src/web/a.ts', `const WORDS = {\n  more: text('run.more'),\n};`),
    file('src/web/a.ts', `export const TITLE = text('run.title');`),
    file('src/web/a.ts', `const WORDS = Object.entries(sentencesOf('log'));`),
  ],
  good: [
    file('src/web/a.ts', `const words = () => ({\n  more: text('run.more'),\n});`),
    file('src/web/a.ts', `const WORDS = {\n  more: () => text('run.more'),\n  get less() {\n    return text('run.less');\n  },\n};`),
    file('src/web/a.ts', `function f() {\n  const title = text('run.title');\n}`),
  ],
};

/** Constants of a module, as far as they are no functions. */
function frozenSentences(text: string): string[] {
  let isInside = false;
  return withoutComments(text)
    .split('\n')
    .flatMap((line, index) => {
      if (/^\S/.test(line)) isInside = /^(export )?const \w+/.test(line) && !/=>|\bfunction\b/.test(line);
      const isMade = isInside && /(^|[^\w.])(text|sentencesOf|storedText)\(/.test(line) && !/=>|\breturn\b|addIssue/.test(line);
      return isMade ? [`line ${index + 1}: ${line.trim()}`] : [];
    });
}

const FIXED_LANGUAGE = /(\.toLocale(Date|Time)?String|\bIntl\.(NumberFormat|DateTimeFormat|ListFormat|RelativeTimeFormat))\(('en|\))/;

const numbersFollowTheLanguage: Rule = {
  name: 'numbers, lists and dates are written in the language of the moment, by locales/formats or with pageLocale()',
  check: (source) => (isSource(source) ? find(source.text, FIXED_LANGUAGE) : []),
  bad: [
    file('src/web/a.ts', `const NUMBER = new Intl.NumberFormat('en-GB');`),
    file('src/browser/a.ts', `const shown = count.toLocaleString('en');`),
    file('src/browser/a.ts', `const shown = count.toLocaleString();`),
  ],
  good: [
    file('src/web/a.ts', `names.sort((one, other) => one.localeCompare(other, 'en'));`),
    file('src/browser/a.ts', `const shown = count.toLocaleString(pageLocale());`),
    file('src/common/a.ts', `const stamp = new Date().toLocaleString('sv-SE');`),
  ],
};

/** Options hold no elements. */
const MAY_WRITE_DAYS = 'src/web/run/rich-field.view.ts';

const momentsAreElements: Rule = {
  name: 'pages get moments in milliseconds: their templates make elements of them, which browsers bring into the time of the reader',
  check: (source) =>
    isSource(source) && source.path.startsWith('src/web/') && source.path !== MAY_WRITE_DAYS
      ? find(source.text, /\b(formatDate|displayedDate|displayedMoment|DateTimeFormat|toLocale(Date|Time)String)\b/)
      : [],
  bad: [
    file('src/web/a.ts', `const until = displayedDate(run.deletionMs);`),
    file('src/web/a.ts', `import { formatDate } from '../locales/formats';`),
  ],
  good: [
    file('src/common/mail/a.ts', `const until = displayedDate(run.deletionMs);`),
    file('src/web/views/elements.ts', `const words = date(atMs, currentLanguage().locale);`),
  ],
};

const scriptsHoldNoWords: Rule = {
  name: 'scripts of pages hold no words of their own: the page brings them along',
  check: (source) =>
    isSource(source) && source.path.startsWith('src/browser/')
      ? find(source.text, /\.(textContent|innerText|title|ariaLabel|placeholder|alt) = ['"`][^'"`]*[A-Za-z]{2}(?![^'"`]*\})/)
      : [],
  bad: [file('src/browser/a.ts', `button.textContent = 'Close';`), file('src/browser/a.ts', `button.ariaLabel = 'Close';`)],
  good: [file('src/browser/a.ts', `button.textContent = say('close');`), file('src/browser/a.ts', 'row.title = `${name}`;')],
};

function undocumentedClasses(text: string): string[] {
  if (/^\/\*\*[^]*?\*\/\n(\n|import )/.test(text)) return [];
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (!/^export (abstract )?class\b/.test(line)) return [];
    let above = index - 1;
    while (above >= 0 && !/^(\/\*\*| \*\/|$)/.test(lines[above])) above -= 1;
    return /^(\/\*\*| \*\/)/.test(lines[above] ?? '') ? [] : [`line ${index + 1}: ${line}`];
  });
}

export const RULES: Rule[] = [
  onlyConfigReadsTheEnvironment,
  onlyRepositoriesImportTypeorm,
  noHiddenTransactions,
  entrypointsHoldNoLogic,
  filesAreShort,
  noBarrels,
  noForwardReferences,
  importsStayNear,
  applicationsAreApart,
  nothingIsLeftForLater,
  classesSayWhatTheyAreFor,
  sentencesAreMadeWhenNeeded,
  numbersFollowTheLanguage,
  momentsAreElements,
  scriptsHoldNoWords,
];
