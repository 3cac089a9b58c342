/// <reference lib="dom" />
import type { Browser } from 'playwright-core';
import { launchBrowser, look, newVisitor, type Visitor } from './browser';
import { startProduct, type RunningProduct } from './product';

const MINUTE = 60_000;

describe('languages in a browser', () => {
  let product: RunningProduct;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    product = await startProduct();
    browser = await launchBrowser();
  }, 2 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await product?.close();
  });
  afterEach(async () => {
    await visitor.context.close();
    expect(visitor.faults).toEqual([]);
  });

  it.each([true, false])(
    'is chosen at the foot of the page, and kept (scripts: %s)',
    async (scripts) => {
      visitor = await newVisitor(browser, product.address, { scripts });
      const { page } = visitor;
      await page.goto('/');
      await page.getByRole('button', { name: '中文' }).click();
      await page.getByRole('button', { name: '以访客身份继续' }).first().click();
      await page.goto('/projects');
      await page.getByRole('heading', { name: '项目', level: 1 }).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('zh');
      await page.getByLabel('项目名称').fill('样品 1');
      await page.getByRole('button', { name: '创建项目' }).click();
      await page.getByText('样品 1 已创建。').waitFor();
      await page.goto('/projects');
      const when = page.locator('main .cards time').first();
      expect(await when.textContent({ timeout: 5000 })).toMatch(/^(刚刚|\d+ 秒前)$/);
      if (scripts) {
        // Written by the script, not by the server: the page is a little older now.
        await when.filter({ hasText: /^\d+ 秒前$/ }).waitFor({ timeout: 20_000 });
        expect(await look(page, 'projects-zh')).toEqual([]);
      }
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor();
    },
    2 * MINUTE,
  );
});
