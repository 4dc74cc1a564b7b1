/// <reference lib="dom" />
/** The HTML report in a real browser: what it draws, that it can be used with the keyboard, and that nothing of a log runs in it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Audit } from '../../generator/audit/result.js';
import { readPageParts } from '../../generator/commands/page-parts.js';
import { reportHtml } from '../../generator/report/report-html.js';
import { auditSample, auditTexts } from '../audit/support.js';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

let browser: Browser;
let folder: string;
let files = 0;

beforeAll(async () => {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error('No Chromium. Install it: apt-get install chromium (or name it in the variable CHROMIUM).');
  folder = mkdtempSync(join(tmpdir(), 'ikeaudit-page-'));
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

/** Opens the report. Whatever it asks of a network, throws or prints is kept. */
async function open(audit: Audit, options: Parameters<Browser['newPage']>[0] = {}) {
  const file = join(folder, `${++files}.html`);
  writeFileSync(file, reportHtml(audit, readPageParts()));
  const page = await browser.newPage(options);
  const trouble: string[] = [];
  page.on('request', (request) => request.url().startsWith('file:') || trouble.push(`asked for ${request.url()}`));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('html[data-ready=yes]', { timeout: 30_000 });
  return { page, trouble };
}

const cards = (page: Page) =>
  page.locator('#findings-list > section').evaluateAll((all) => all.map((one) => one.getAttribute('data-kind')));

describe('a report of a recording', () => {
  test.each(['light', 'dark'] as const)('is drawn whole, %s, without a network and without an error', async (colorScheme) => {
    const { page, trouble } = await open(await auditSample('strongswan/eap-badpw'), { colorScheme });
    expect(await cards(page)).toContain('authentication/auth-failures-from-one-peer');
    for (const id of ['act', 'timeline', 'harden', 'limits', 'peers', 'suites', 'lifetimes', 'checklist', 'reading'])
      expect(await page.locator(`section#${id} h2`).count(), id).toBe(1);
    expect(await page.locator('#chart canvas').count()).toBe(1);
    expect(await page.locator('#peers tbody tr').first().innerText()).toContain('198.51.100.66');
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(251, 251, 250)');
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('a finding opens by the keyboard and shows its evidence and what the log says to the guards', async () => {
    const { page, trouble } = await open(await auditSample('strongswan/psk-brute'));
    const first = page.locator('[data-kind="authentication/auth-failures-from-one-peer"] details.finding').first();
    await first.locator('summary').first().focus();
    await page.keyboard.press('Enter');
    await first.locator('pre').waitFor();
    expect(await first.locator('pre').innerText()).toContain(
      'gateway.log:28  Nov 24 06:04:20 vpn-gw1 charon[809]: 11[ENC] generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]',
    );
    expect(await first.innerText()).toContain('198.51.100.11 of the same network');
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('filters by text and by level', async () => {
    const { page } = await open(await auditSample('strongswan/psk-brute'));
    const all = await cards(page);
    await page.keyboard.press('/');
    await page.keyboard.type('weak algorithm');
    await page.waitForFunction(() => document.querySelectorAll('#findings-list > section').length === 1);
    expect(await cards(page)).toEqual(['cryptography/weak-algorithm-negotiated']);
    await page.fill('#filter', '');
    await page.waitForFunction((count) => document.querySelectorAll('#findings-list > section').length === count, all.length);
    await page.uncheck('input[value=high]');
    expect((await cards(page)).length).toBeLessThan(all.length);
    await page.close();
  });

  test('prints with everything open and no controls', async () => {
    const { page } = await open(await auditSample('strongswan/psk-brute'));
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('details.finding:not([open])').count()).toBe(0);
    expect(await page.locator('.controls').first().isVisible()).toBe(false);
    expect((await page.pdf()).length).toBeGreaterThan(20_000);
    await page.close();
  });

  test('a log without findings says so', async () => {
    const { page, trouble } = await open(await auditTexts({ 'empty.log': '' }));
    expect(await page.locator('#act').innerText()).toContain('Nothing in this log meets the condition');
    expect(trouble).toEqual([]);
    await page.close();
  });
});

test('ten thousand findings are there within seconds, and can be filtered', async () => {
  const audit = await auditSample('strongswan/psk-brute');
  const [one] = audit.findings;
  const many = Array.from({ length: 10_000 }, (_, n) => ({
    ...one!,
    finding: { ...one!.finding, id: n.toString(16).padStart(32, '0'), group: { peer_ip: `198.18.${n >> 8}.${n & 255}` } },
  }));
  const begun = Date.now();
  const { page, trouble } = await open({ ...audit, findings: many });
  expect(Date.now() - begun).toBeLessThan(20_000);
  await page.fill('#filter', '198.18.39.15');
  await page.waitForFunction(() => document.querySelectorAll('details.finding').length < 10);
  expect(await page.locator('#count').innerText()).toBe('1 of 10,000');
  expect(trouble).toEqual([]);
  await page.close();
}, 90_000);

describe('nothing of a log runs', () => {
  const CORPUS = [
    '<script>window.hit=1</script>',
    '</script><script>window.hit=1</script>',
    '<!--<script>window.hit=1',
    ']]><svg onload=window.hit=1>',
    '"><img src=x onerror=window.hit=1>',
    "'><iframe srcdoc='<script>parent.hit=1</script>'>",
    'javascript:window.hit=1',
    '</style><script>window.hit=1</script>',
    '<base href=//evil.example.com/>',
    '<meta http-equiv=refresh content=0;url=//evil.example.com>',
    '{{constructor.constructor("window.hit=1")()}}',
    '${window.hit=1}',
    '\u202e<script>window.hit=1</script>',
    '__proto__',
  ];
  const recording = readFileSync('samples/strongswan/psk-brute/gateway.log', 'utf8');

  test.each(CORPUS)('%j as user, connection and host', async (text) => {
    const log = recording
      .replaceAll('site9.example.net', text)
      .replaceAll('site-psk', text.replace(/[[\]]/g, ''))
      .replaceAll('vpn-gw1', text.replace(/\s/g, ''));
    const certificate = readFileSync('samples/strongswan/cert-expired/gateway.log', 'utf8')
      .replaceAll('expired@example.com', text)
      .replaceAll('Example VPN', text);
    const audit = await auditTexts({ [`${text.replace(/\//g, '')}.log`]: log, 'certificates.log': certificate });
    const { page, trouble } = await open(audit);
    await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
    await page.waitForTimeout(100);
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
    expect(await page.locator('img, iframe, svg, base, object, embed, form, link').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(3);
    // the text is there to be read
    const shown = await page.evaluate(() => document.body.innerText);
    expect(shown).toContain(text.replace('\u202e', '\\u202e').slice(0, 12));
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('even markup that stood in the page could not run: its scripts are named by their hashes', async () => {
    const file = join(folder, 'tampered.html');
    const html = reportHtml(await auditSample('strongswan/psk-ok'), readPageParts());
    writeFileSync(file, html.replace('</body>', '<script>window.hit=1</script><img src=x onerror="window.hit=2"></body>'));
    const page = await browser.newPage();
    await page.goto(pathToFileURL(file).href);
    await page.waitForSelector('html[data-ready=yes]', { timeout: 30_000 });
    expect(await page.evaluate(() => (window as unknown as { hit?: number }).hit)).toBeUndefined();
    await page.close();
  });
});
