import { Body, Controller, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Access } from './access/access.decorator';
import { NotAudited } from './audit/audited.decorator';
import { redirect, safePath } from './addresses';
import { cookieOptions, COOKIES } from './cookies';
import { fieldText, type SubmittedForm } from './form';

const YEAR_MS = 365 * 86_400_000;

/** Light, dark, or as the device has it: kept in the browser, drawn by the server, so that no page flashes. */
@Controller('theme')
export class ThemeController {
  @Post()
  @NotAudited('a cookie of the browser')
  @Access('anyone')
  choose(@Body() form: SubmittedForm, @Res() response: Response): void {
    const theme = fieldText(form, 'theme');
    if (theme === 'light' || theme === 'dark') response.cookie(COOKIES.theme, theme, { ...cookieOptions(response), maxAge: YEAR_MS });
    else response.clearCookie(COOKIES.theme, cookieOptions(response));
    redirect(response, safePath(fieldText(form, 'back')));
  }
}
