// Uploads over a line that breaks: the page goes on by itself, and after it was closed.
import fs from 'node:fs';
import path from 'node:path';
import { line } from './cut.mjs';
import { context } from './browser.mjs';
import { signIn } from './walk.mjs';

const desktop = { viewport: { width: 1280, height: 800 } };
const CUT = 200_000;

/** The offsets at which a page's requests begin. */
function offsets(page) {
  const found = [];
  page.on('request', (request) => { if (request.method() === 'PATCH') found.push(Number(request.headers()['upload-offset'])); });
  return found;
}

async function choose(page, site, model, folder) {
  await page.goto(`${site.url}/upload`);
  await page.getByLabel('Model').fill(model);
  await page.locator('[data-folder-input]').setInputFiles(folder);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
}

const arrived = (page) => page.waitForURL(/\/revisions\/[0-9a-f-]{36}$/);

/** Everything that a page says of its upload, also what stands there for a moment only. */
async function heard(page) {
  await page.addInitScript(() => {
    globalThis.said = [];
    new MutationObserver(() => {
      const text = document.querySelector('[data-step]')?.textContent;
      if (text && globalThis.said.at(-1) !== text) globalThis.said.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
    // The page that the upload leads to forgets.
    addEventListener('pagehide', () => sessionStorage.setItem('said', JSON.stringify(globalThis.said)));
  });
}

const said = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem('said') ?? '[]'));

/** Cuts a line half way; the rest is sent, and what has arrived is not sent twice. */
export async function resumed(site, made, shots, say) {
  const between = await line(new URL(site.site.url).port);
  try { await cutTwice(site, between, made, shots, say); } finally { await between.stop(); }
}

async function cutTwice({ site, browser, top }, between, made, shots, say) {
  const through = { ...site, url: between.url };
  const folder = path.join(top, 'tests/models/mnist_cnn.mlpackage');
  // Cut connections and refused ones are what this is about; everything else the console says is a finding.
  const open = await context(browser, between.url, desktop, (what) => { if (!/net::ERR_/.test(what)) say(what); }, { statuses: [409, 423] });
  const page = await signIn(open, through, site.token, '/upload');
  await heard(page);
  let began = offsets(page);
  between.state.left = CUT;
  await choose(page, through, 'handwriting', folder);
  await arrived(page);
  if (!(await said(page)).some((text) => text.includes('Nothing is lost'))) say(`a broken line is told as ${await said(page)}`);
  if (between.state.cuts !== 1) say(`${between.state.cuts} cuts`);
  if (began.length < 2 || !(began.at(-1) > 0 && began.at(-1) <= CUT)) say(`it went on at ${began}`);

  // Cut, and nothing gets through afterwards; the page is left, opened again, and the same folder chosen.
  Object.assign(between.state, { left: CUT, then: 'down' });
  await choose(page, through, 'receipts', folder);
  await page.getByText('The server cannot be reached').waitFor();
  await page.screenshot({ path: path.join(shots, 'upload-broken-light.png'), fullPage: true });
  await page.close();
  between.state.down = false;
  const again = await open.newPage();
  began = offsets(again);
  await choose(again, through, 'receipts', folder);
  await arrived(again);
  if (!(began[0] > 0)) say(`after the page was closed it went on at ${began}`);

  // The bytes are those of the folder: the same digest as of an upload that was never cut.
  const [one, two] = await Promise.all(['handwriting', 'receipts'].map(async (model) => {
    const answer = await again.request.get(`${through.url}/api/v1/models/${model}/revisions`, { headers: { 'sec-fetch-site': 'same-origin' } });
    return (await answer.json()).items?.[0]?.digest;
  }));
  if (!made.digest || one !== made.digest || two !== made.digest) say(`the digests are ${one} and ${two}, not ${made.digest}`);
  await open.close();
}

/** What is no package is refused here, and what the server refuses is told; nothing is left behind. */
export async function refused({ site, browser }, say) {
  const open = await context(browser, site.url, desktop, say, { statuses: [409, 415, 422] });
  const page = await signIn(open, site, site.token, '/upload');
  const nothing = path.join(site.folder, 'empty');
  fs.mkdirSync(nothing, { recursive: true });
  fs.writeFileSync(path.join(nothing, 'readme.txt'), 'no model');
  await page.locator('[data-folder-input]').setInputFiles(nothing);
  if (!(await page.getByRole('alert').innerText()).includes('Manifest.json')) say('a folder that is no package is taken');
  await page.getByLabel('Model').fill('refused');
  await page.getByLabel('Package').setInputFiles({ name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('PK\u0003\u0004 and then nothing') });
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  const alert = page.getByRole('alert').locator('span');
  await alert.filter({ hasText: /\w/ }).waitFor();
  if (await page.getByRole('button', { name: 'Upload', exact: true }).isDisabled()) say('after a refusal nothing can be uploaded');
  if (await page.locator('[data-progress]').isVisible()) say('a refused upload still shows progress');
  await open.close();
}
