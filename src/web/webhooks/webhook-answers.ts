import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { WebhooksRepository } from '../../common/webhooks/webhooks.repository';
import type { User } from '../../common/users/user.entity';
import { redirect } from '../http/addresses';
import { tellAudit } from '../http/audit/deeds';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, fieldTexts } from '../http/form';
import { runNumberIn } from '../http/ids';
import { WebhookMaking, type EnteredWebhook } from './webhook-making';
import type { WebhookHome } from './webhook-place';
import { WebhookViews } from './webhook.view';

/** What a page sent. */
export interface Sent {
  form: unknown;
  request: Request;
  response: Response;
}

/** Answers the forms of webhooks, whether of a project or of a pipeline. */
@Injectable()
export class WebhookAnswers {
  constructor(
    private readonly webhooks: WebhooksRepository,
    private readonly making: WebhookMaking,
    private readonly views: WebhookViews,
  ) {}

  /** The answer itself shows the secret: nothing that is stored could show it on a further page. */
  async make(home: WebhookHome, person: User, { form, request, response }: Sent): Promise<void> {
    const entered = enteredIn(form);
    try {
      const { id, secret } = await this.making.make(person, home.place, entered);
      const webhook = await this.making.require(home.place, id);
      tellAudit(request, { details: { host: new URL(webhook.url).host } });
      response.render('webhooks/webhook', await this.views.page(home, webhook, { secret }));
    } catch (error) {
      response.status(422).render('webhooks/index', await this.views.list(home, entered, asFormErrors(error)));
    }
  }

  async change(home: WebhookHome, id: string, { form, request, response }: Sent): Promise<void> {
    const webhook = await this.making.require(home.place, id);
    const entered = enteredIn(form);
    try {
      await this.making.change(webhook, entered);
      flash(request, 'ok', 'webhooks.flashChanged');
      redirect(response, `${home.path}/${id}`);
    } catch (error) {
      response.status(422).render('webhooks/webhook', await this.views.page(home, webhook, { entered, errors: asFormErrors(error) }));
    }
  }

  async renewSecret(home: WebhookHome, id: string, { response }: Sent): Promise<void> {
    const webhook = await this.making.require(home.place, id);
    const secret = await this.making.renewSecret(webhook);
    response.render('webhooks/webhook', await this.views.page(home, webhook, { secret }));
  }

  async pause(home: WebhookHome, id: string, { request, response }: Sent): Promise<void> {
    await this.making.require(home.place, id);
    const isChanged = await this.webhooks.pause(id);
    const undo = { path: `${home.path}/${id}/resume`, fields: [] };
    flash(request, 'ok', 'webhooks.flashPaused', {}, isChanged ? undo : undefined);
    redirect(response, `${home.path}/${id}`);
  }

  async resume(home: WebhookHome, id: string, { request, response }: Sent): Promise<void> {
    await this.making.require(home.place, id);
    await this.webhooks.resume(id);
    flash(request, 'ok', 'webhooks.flashResumed');
    redirect(response, `${home.path}/${id}`);
  }

  async delete(home: WebhookHome, id: string, { request, response }: Sent): Promise<void> {
    await this.making.require(home.place, id);
    const isGone = await this.webhooks.delete(home.place, id);
    const undo = { path: `${home.path}/${id}/restore`, fields: [] };
    flash(request, 'ok', 'webhooks.flashDeleted', {}, isGone ? undo : undefined);
    redirect(response, home.path);
  }

  /** Undoes `delete`. */
  async restore(home: WebhookHome, id: string, { request, response }: Sent): Promise<void> {
    const isBack = await this.webhooks.restore(home.place, id.slice(0, 36));
    if (isBack) flash(request, 'ok', 'webhooks.flashRestored');
    else flash(request, 'warn', 'webhooks.flashTooLate');
    redirect(response, home.path);
  }

  async ping(home: WebhookHome, id: string, { request, response }: Sent): Promise<void> {
    await this.making.ping(await this.making.require(home.place, id));
    flash(request, 'ok', 'webhooks.flashPing');
    redirect(response, `${home.path}/${id}`);
  }

  async sendAgain(home: WebhookHome, id: string, { form, request, response }: Sent): Promise<void> {
    const webhook = await this.making.require(home.place, id);
    const isSent = await this.making.sendAgain(webhook, runNumberIn(fieldText(form, 'delivery')));
    flash(request, isSent ? 'ok' : 'warn', isSent ? 'webhooks.flashAgain' : 'webhooks.flashNoDelivery');
    redirect(response, `${home.path}/${id}`);
  }
}

function enteredIn(form: unknown): EnteredWebhook {
  return { url: fieldText(form, 'url'), states: fieldTexts(form, 'states') };
}
