// node tests/pages/run.mjs BINARY [SCREENSHOTS]: the dashboard in a real browser, against a service of its own.
//
// Walks sign-in → upload → compress with three recipes → watch → compare → download on a real model, with and without
// script and once by keyboard alone; then looks at every page in light, dark and phone width. NODE_MODULES names the
// folder with playwright-core and axe-core (tests/tools/setup-tools.sh prints it). Ends with `N passed, N failed`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { axe, context, launch, looks, sideways } from './browser.mjs';
import { serve } from './server.mjs';
import * as walk from './walk.mjs';
import * as resume from './resume.mjs';
import { pages } from './list.mjs';

const [binary, shots = 'target/screenshots'] = process.argv.slice(2);
const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const MOST_BYTES = 150_000;
let passed = 0, failed = 0;

/** One check: what it finds are lines; none is a pass. */
async function check(name, work) {
  const found = [], began = Date.now();
  try { await work((what) => found.push(what)); } catch (error) { found.push(`${error.message.split('\n').slice(0, 4).join(' | ')}`); }
  if (found.length === 0) passed++; else { failed++; for (const what of new Set(found)) console.log(`${name}: ${what}`); }
  if (Date.now() - began > 5000) console.log(`# ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** One page in one look. */
async function look(open, site, page, name, say) {
  const seen = await open.newPage();
  let bytes = 0;
  const sizes = [];
  seen.on('response', (response) => sizes.push(response.body().then((body) => { bytes += body.length; }, () => {})));
  const answer = await seen.goto(site.url + page.path, { waitUntil: 'load' });
  if (answer.status() !== (page.status ?? 200)) say(`status ${answer.status()}`);
  const policy = answer.headers()['content-security-policy'] ?? '';
  if (!policy.includes("default-src 'none'") || policy.includes('unsafe')) say(`content security policy: ${policy}`);
  await Promise.all(sizes);
  if (bytes > MOST_BYTES) say(`${bytes} bytes`);
  const wide = await sideways(seen);
  if (wide > 0) say(`scrolls sideways by ${wide} px`);
  for (const line of await axe(seen)) say(line);
  // What sticks to the edge of the window would stand in the middle of a picture of the whole page.
  const { width, height } = seen.viewportSize();
  await seen.setViewportSize({ width, height: Math.max(height, await seen.evaluate(() => document.documentElement.scrollHeight)) });
  await seen.screenshot({ path: path.join(shots, `${page.name}-${name}.png`), fullPage: true });
  await seen.close();
  return bytes;
}

fs.mkdirSync(shots, { recursive: true });
const site = await serve(binary);
const browser = await launch();
try {
  const empty = { site, browser, top };
  await check('empty pages', (say) => walk.emptyPages(empty, shots, say));
  const made = {};
  await check('walk with script', (say) => walk.withScript(empty, made, say));
  await check('walk without script', (say) => walk.withoutScript(empty, made, say));
  await check('an upload over a line that breaks', (say) => resume.resumed(empty, made, shots, say));
  await check('an upload that is refused', (say) => resume.refused(empty, say));
  await check('walk by keyboard', (say) => walk.byKeyboard(empty, made, say));
  await check('weights, program, what is written about a revision', (say) => walk.evidence(empty, made, say));
  await check('a stranger\'s form is refused', (say) => walk.forgery(empty, made, say));
  await check('readers see no buttons', (say) => walk.reader(empty, made, say));
  await check('a revoked token is signed out', (say) => walk.revoked(empty, say));
  await check('many wrong tokens', (say) => walk.manyWrong(empty, say));
  const biggest = { bytes: 0 };
  for (const [name, options] of Object.entries(looks)) {
    const expected = { statuses: [] };
    const findings = { say: () => {} };
    const open = await context(browser, site.url, options, (what) => findings.say(what), expected);
    await walk.signIn(open, site);
    for (const page of pages(made)) {
      expected.statuses = page.status ? [page.status] : [];
      await check(`${page.name} ${name}`, async (say) => {
        findings.say = say;
        const bytes = await look(open, site, page, name, say);
        if (bytes > biggest.bytes) Object.assign(biggest, { bytes, page: page.name });
      });
    }
    await open.close();
  }
  await check('sign-in in every look', (say) => walk.signInPages(empty, shots, say));
  console.log(`largest page: ${biggest.page}, ${biggest.bytes} bytes; screenshots in ${shots}`);
} finally {
  await browser.close();
  await site.stop();
}
console.log(`${passed} passed, ${failed} failed`);
// A walk that threw may have left something open.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
