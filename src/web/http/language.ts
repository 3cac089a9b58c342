import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { currentLanguage, inLanguage } from '../../locales/language';
import { chooseLanguage, languageNames, type LanguageName } from '../../locales/languages';
import { COOKIES, readCookie } from './cookies';
import { isForPrograms } from './tokens/api-path';

/** A language as the foot of a page offers it. */
export interface LanguageChoice extends LanguageName {
  isCurrent: boolean;
}

/** Answers each request in the language that the person chose, else in the first of those the browser asks for, else in the default. */
export function speakLanguage(): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction) => {
    const chosen = isForPrograms(request) ? undefined : readCookie(request, COOKIES.language);
    const wishes = [...(chosen === undefined ? [] : [chosen]), ...request.acceptsLanguages()];
    const language = chooseLanguage(wishes);
    if (language) inLanguage(language, next);
    else next();
  };
}

/** @returns nothing where there is only one. */
export function languageChoices(): LanguageChoice[] {
  const { tag: current } = currentLanguage();
  const all = languageNames();
  return all.length < 2 ? [] : all.map((language) => ({ ...language, isCurrent: language.tag === current }));
}
