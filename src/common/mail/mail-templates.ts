import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import Handlebars from 'handlebars';
import { currentLanguage } from '../../locales/language';
import { text, type TextKey, type TextValues } from '../../locales/text';
import { AppConfig } from '../config/app-config';

type Template = (model: object) => string;

/** The templates in `views/mail`: `<name>.hbs` gives HTML, `<name>.text.hbs` plain text. Each is compiled at its first use. */
@Injectable()
export class MailTemplates {
  private readonly engine = Handlebars.create();
  private readonly compiled = new Map<string, Template>();

  constructor(private readonly config: AppConfig) {
    this.engine.registerHelper('t', (key: TextKey, options: { hash: TextValues }) => text(key, options.hash));
    this.engine.registerHelper('language', () => currentLanguage().tag);
  }

  html(name: string, model: object): string {
    return this.template(`${name}.hbs`, { noEscape: false })(model);
  }

  /** Nothing is escaped: this is not HTML. */
  text(name: string, model: object): string {
    const filled = this.template(`${name}.text.hbs`, { noEscape: true })(model);
    return `${filled.replaceAll(/\n{3,}/g, '\n\n').trim()}\n`;
  }

  private template(file: string, options: { noEscape: boolean }): Template {
    const known = this.compiled.get(file);
    if (known) return known;
    const source = readFileSync(join(this.config.home, 'views', 'mail', file), 'utf8');
    const template: Template = this.engine.compile(source, { ...options, strict: true });
    this.compiled.set(file, template);
    return template;
  }
}
