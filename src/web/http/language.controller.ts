import { Body, Controller, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { chooseLanguage } from '../../locales/languages';
import { Access } from './access/access.decorator';
import { NotAudited } from './audit/audited.decorator';
import { redirect, safePath } from './addresses';
import { cookieOptions, COOKIES } from './cookies';
import { fieldText, type SubmittedForm } from './form';

const YEAR_MS = 365 * 86_400_000;

/** The language of the pages: kept in the browser, so that it also holds before somebody logs in. */
@Controller('language')
export class LanguageController {
  @Post()
  @NotAudited('a cookie of the browser')
  @Access('anyone')
  choose(@Body() form: SubmittedForm, @Res() response: Response): void {
    const language = chooseLanguage([fieldText(form, 'language')]);
    if (language) response.cookie(COOKIES.language, language.tag, { ...cookieOptions(response), maxAge: YEAR_MS });
    redirect(response, safePath(fieldText(form, 'back')));
  }
}
