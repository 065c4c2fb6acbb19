// A browser that reports what a page must not do: console errors, exceptions, requests to elsewhere, violations of the
// content security policy, answers that are errors and were not expected.
import { createRequire } from 'node:module';
import fs from 'node:fs';

const require = createRequire(import.meta.url);
const modules = process.env.NODE_MODULES;
const { chromium } = require(`${modules}/playwright-core`);
const axeSource = fs.readFileSync(`${modules}/axe-core/axe.min.js`, 'utf8');

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--font-render-hinting=none'];

export const looks = {
  light: { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, colorScheme: 'light' },
};

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args, timeout: 60000 });

/** A context whose pages report to `say`; `expected` statuses are no finding. */
export async function context(browser, origin, options, say, expected = { statuses: [] }) {
  const made = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC', ...options });
  made.setDefaultTimeout(20000);
  await made.route((url) => url.origin !== origin && url.protocol.startsWith('http'), (route) => {
    say(`asks elsewhere: ${route.request().url()}`);
    return route.abort();
  });
  await made.exposeFunction('__csp', (text) => say(`content security policy: ${text}`));
  if (options.javaScriptEnabled !== false) {
    await made.addInitScript(() => addEventListener('securitypolicyviolation', (event) =>
      globalThis.__csp(`${event.effectiveDirective} blocked ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`)));
  }
  made.on('page', (page) => {
    page.on('console', (message) => {
      const text = message.text();
      const refused = /Failed to load resource.*status of (\d+)/.exec(text);
      if (refused && expected.statuses.includes(Number(refused[1]))) return;
      if (['error', 'warning'].includes(message.type())) say(`console ${message.type()}: ${text}`);
    });
    page.on('pageerror', (error) => say(`exception: ${error.message}`));
    page.on('response', (response) => {
      if (response.status() >= 400 && !expected.statuses.includes(response.status())) say(`${response.status()} ${response.url()}`);
    });
  });
  return made;
}

/** What axe finds, as lines. */
export async function axe(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return result.violations.map((one) => `axe ${one.id} (${one.impact}): ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** Pixels by which the page scrolls sideways. */
export const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
