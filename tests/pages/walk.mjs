// What people do, step by step.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { axe, context, looks, sideways } from './browser.mjs';

const desktop = { viewport: { width: 1280, height: 800 } };
const recipes = ['int8', 'palettize-4', 'prune-50'];

/** Signs a context in by the form. */
export async function signIn(open, site, token = site.token, next = '/models') {
  const page = await open.newPage();
  await page.goto(`${site.url}/sign-in?next=${encodeURIComponent(next)}`);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
  return page;
}

/** The pages of a service that has nothing yet say what to do. */
export async function emptyPages({ site, browser }, shots, say) {
  for (const [name, options] of Object.entries(looks)) {
    const open = await context(browser, site.url, options, say);
    const page = await signIn(open, site);
    for (const [title, where, command] of [['models', '/models', 'coreanvil push'], ['jobs', '/jobs', 'coreanvil submit']]) {
      await page.goto(site.url + where);
      if (!(await page.locator('.empty code').first().innerText()).includes(command)) say(`${where} shows no command`);
      for (const line of await axe(page)) say(`${where} ${name}: ${line}`);
      if (await sideways(page) > 0) say(`${where} ${name} scrolls sideways`);
      await page.screenshot({ path: path.join(shots, `${title}-empty-${name}.png`), fullPage: true });
    }
    await open.close();
  }
}

/** Sign in, upload a folder, compress three ways, watch, compare, download; the download has the revision's digest. */
export async function withScript({ site, browser, top }, made, say) {
  const open = await context(browser, site.url, desktop, say, { statuses: [409] });
  const page = await signIn(open, site, site.token, '/upload');
  if (new URL(page.url()).pathname !== '/upload') say(`signed in to ${page.url()}`);
  made.model = 'mnist_cnn';
  await page.locator('[data-folder-input]').setInputFiles(path.join(top, 'tests/models/mnist_cnn.mlpackage'));
  if (await page.getByLabel('Model').inputValue() !== made.model) say('the model is not named after the folder');
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.waitForURL(/\/revisions\/[0-9a-f-]{36}$/);
  made.original = page.url().split('/').at(-1);
  const digest = made.digest = await json(page, `/api/v1/revisions/${made.original}`).then((one) => one.digest);

  await page.goto(`${site.url}/models/${made.model}`);
  await page.getByRole('link', { name: 'Compress' }).click();
  for (const recipe of recipes) await page.locator(`input[value="${recipe}"]`).check();
  await page.getByRole('button', { name: /Compress with 3 recipes/ }).click();
  await page.waitForURL(/\/jobs\?revision=/);
  await page.locator('tbody .succeeded').nth(recipes.length - 1).waitFor();
  if (await page.locator('[data-poll]').count() !== 0) say('the list is still polled although all is done');
  await page.locator('tbody th a', { hasText: 'palettize-4' }).click();
  made.job = page.url().split('/').at(-1);
  if (!(await page.locator('.answer').innerText()).includes('smaller')) say('the job does not say what became smaller');
  await page.goto(`${site.url}/models/${made.model}`);
  const rows = page.locator('#revisions tbody tr');
  if (await rows.count() !== 4) say(`${await rows.count()} revisions`);
  await rows.filter({ hasText: 'palettize-4' }).getByRole('checkbox').check();
  await rows.filter({ hasText: 'original' }).getByRole('checkbox').check();
  await page.getByRole('button', { name: /Compare 2/ }).click();
  await page.waitForURL(/\/comparison\//);
  if (page.url().split('/').at(-3) !== made.original) say(`compares ${page.url()}`);
  made.compressed = page.url().split('/').at(-1);

  await page.goto(`${site.url}/jobs/${made.job}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  const file = path.join(site.folder, 'download.zip');
  await download.saveAs(file);
  const answer = await page.request.get(`${site.url}/api/v1/revisions/${made.compressed}/package`);
  const promised = answer.headers()['content-digest'];
  const found = `sha-256=:${crypto.createHash('sha256').update(fs.readFileSync(file)).digest('base64')}:`;
  if (promised !== found) say(`downloaded ${found}, promised ${promised}`);
  await pushedAgain(page, site, top, made, digest, say);
  await live(page, site, made, say);
  await open.close();
}

/** The same folder again is known by its digest and not sent. */
async function pushedAgain(page, site, top, made, digest, say) {
  let sent = 0;
  page.on('request', (request) => { if (request.method() === 'PATCH' || (request.method() === 'POST' && request.url().endsWith('/uploads'))) sent++; });
  await page.goto(`${site.url}/models/${made.model}/upload`);
  await page.locator('[data-folder-input]').setInputFiles(path.join(top, 'tests/models/mnist_cnn.mlpackage'));
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.waitForURL(/\/revisions\/[0-9a-f-]{36}$/);
  if (page.url().split('/').at(-1) !== made.original || sent !== 0) say(`what is known (${digest}) was sent again (${sent})`);
}

/** A job's page follows it by itself. */
async function live(page, site, made, say) {
  await page.goto(`${site.url}/revisions/${made.original}/compress`);
  await page.locator('input[value="palettize-6"]').check();
  await page.getByLabel('Then, on each result').selectOption('decompress');
  await page.getByRole('button', { name: /Compress/ }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
  await page.locator('.headline .succeeded').waitFor();
  await page.getByRole('link', { name: 'accepted' }).click();
  await page.locator('.headline .succeeded').waitFor();
  if (await page.getByRole('link', { name: 'another job' }).count() !== 1) say('the follower does not name the job before it');
}

/** The same by forms and links alone, with a zip. */
export async function withoutScript({ site, browser, top }, made, say) {
  const open = await context(browser, site.url, { ...desktop, javaScriptEnabled: false }, say);
  const page = await signIn(open, site);
  await page.goto(`${site.url}/upload`);
  await page.getByLabel('Model').fill('legacy');
  await page.getByLabel('Package').setInputFiles(path.join(top, made.zip = 'tests/models/legacy_glm.mlmodel'));
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.waitForURL(/\/revisions\//);
  const revision = page.url().split('/').at(-1);
  made.legacy = revision;
  await page.goto(`${site.url}/revisions/${revision}/compress`);
  await page.locator('input[value="int8"]').check();
  await page.getByRole('button', { name: 'Compress' }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}$/);
  made.failedJob = page.url().split('/').at(-1);
  await ended(page, made.failedJob);
  await page.reload();
  if (!(await page.locator('body').innerText()).includes('What to do')) say('a failed job does not say what to do');
  await page.goto(`${site.url}/models/${made.model}`);
  await page.getByLabel('Point').fill('prod');
  await page.locator('#target').selectOption({ label: await page.locator('#target option', { hasText: 'int8' }).innerText() });
  await page.getByRole('button', { name: 'Set alias' }).click();
  await page.waitForURL(/#aliases/);
  if (await page.locator('#aliases tbody th', { hasText: 'prod' }).count() !== 1) say('no alias was set');
  await page.getByRole('button', { name: 'Theme: auto. Change' }).click();
  if (await page.locator('html').getAttribute('data-theme') !== 'light') say('the theme did not change');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.waitForURL(/sign-in/);
  await page.goto(`${site.url}/jobs?state=failed`);
  if (new URL(page.url()).searchParams.get('next') !== '/jobs?state=failed') say(`signed out, yet ${page.url()}`);
  await open.close();
}

/** Waits by the API until a job is final. */
async function ended(page, job) {
  for (;;) {
    const now = await json(page, `/api/v1/jobs/${job}?wait=20`);
    if (['succeeded', 'failed', 'cancelled'].includes(now.state)) return now;
  }
}

async function json(page, where) {
  const answer = await page.request.get(new URL(where, page.url()).href, { headers: { accept: 'application/json' } });
  if (!answer.ok()) throw new Error(`${where} answers ${answer.status()}`);
  return answer.json();
}

/** From signing in to a comparison without a pointer. */
export async function byKeyboard({ site, browser }, made, say) {
  const open = await context(browser, site.url, desktop, say);
  const page = await open.newPage();
  await page.goto(`${site.url}/sign-in`);
  // the field has the focus from the start; a key before that would be lost
  await page.locator('input[name=token]:focus').waitFor();
  await page.keyboard.type(site.token);
  await Promise.all([page.waitForURL(/models$/), page.keyboard.press('Enter')]);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await press('/');
  await page.keyboard.type('mnist');
  await Promise.all([page.waitForURL(/q=mnist/), press('Enter')]);
  await press('j');
  await Promise.all([page.waitForURL(/models\/mnist/), press('Enter')]);
  await press('j', 'x', 'j', 'x');
  if (await page.locator('tr.sel').count() !== 2) say(`${await page.locator('tr.sel').count()} rows are marked`);
  await Promise.all([page.waitForURL(/comparison/), press('c')]);
  await page.goto(`${site.url}/models/${made.model}`);
  await press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await press('Escape', 't');
  if (await page.locator('html').getAttribute('data-theme') === null) say('t does not change the theme');
  await Promise.all([page.waitForURL(/jobs$/), press('g', 'j')]);
  await Promise.all([page.waitForURL(/models$/), press('g', 'm')]);
  await press('Tab');
  if (!(await page.evaluate(() => document.activeElement.classList.contains('skip')))) say('Tab does not begin with the skip link');
  await open.close();
}

/** From a revision to its weights and its program, and what is written about it: by forms and links, then by keys. */
export async function evidence({ site, browser }, made, say) {
  const plain = await context(browser, site.url, { ...desktop, javaScriptEnabled: false }, say);
  const page = await signIn(plain, site, site.token, `/revisions/${made.compressed}`);
  if (!(await page.locator('.answer').innerText()).includes('times smaller')) say('a revision does not say how much smaller it is');
  await page.getByLabel('Filter weights').fill('fc1_weight');
  await page.getByRole('button', { name: 'Filter' }).click();
  if (await page.locator('#weights tbody tr').count() !== 1) say('the filter of weights does not filter');
  await page.locator('#weights tbody th a').click();
  if (await page.locator('.stem').count() < 8) say('a palette is not drawn');
  await page.getByRole('link', { name: 'find it in the program' }).click();
  await page.locator('[aria-label="Found"] tbody a').first().click();
  if (!(await page.locator('#operation').innerText()).includes('fc1_weight')) say('an operation does not name its weight');
  await page.goto(`${site.url}/revisions/${made.compressed}`);
  await page.getByText('Edit tags, notes and aliases').click();
  await page.getByLabel('Tags').fill('branch=main\ncommit=<b>8f2e1c0</b>');
  await page.getByLabel('Notes').fill('two\n<script>lines</script>');
  await page.getByRole('button', { name: 'Save tags and notes' }).click();
  if (await page.locator('.facts .chip').count() !== 2 || !(await page.locator('.notes').innerText()).includes('<script>')) say('tags and notes are not as written');
  await page.getByText('Edit tags, notes and aliases').click();
  await page.getByLabel('Alias').fill('candidate');
  await page.getByRole('button', { name: 'Point alias here' }).click();
  if (!(await page.locator('.headline').innerText()).includes('candidate')) say('the alias does not stand in the headline');
  await plain.close();

  const open = await context(browser, site.url, desktop, say);
  const keys = await signIn(open, site, site.token, `/revisions/${made.compressed}/program`);
  await keys.locator('#graph').focus();
  await keys.keyboard.press('ArrowDown');
  const first = await keys.evaluate(() => document.activeElement.dataset.node);
  await keys.keyboard.press('ArrowDown');
  const second = await keys.evaluate(() => document.activeElement.dataset.node);
  if (first === undefined || second === undefined || first === second) say(`arrow keys go from ${first} to ${second}`);
  const before = await keys.locator('#graph > svg').getAttribute('width');
  await keys.getByRole('button', { name: 'Larger' }).click();
  if (await keys.locator('#graph > svg').getAttribute('width') === before) say('the graph does not grow');
  await Promise.all([keys.waitForURL(/op=/), keys.keyboard.press('Shift+Tab').then(() => keys.locator('.node[href]').first().focus()).then(() => keys.keyboard.press('Enter'))]);
  await keys.goto(`${site.url}/revisions/${made.original}/comparison/${made.compressed}`);
  await Promise.all([keys.waitForURL(new RegExp(`${made.compressed}/comparison/${made.original}`)), keys.keyboard.press('s')]);
  await open.close();
}

/** A form from elsewhere, without the form's secret, or by the cookie alone changes nothing. */
export async function forgery({ site, browser }, made, say) {
  const open = await context(browser, site.url, desktop, say);
  const page = await signIn(open, site);
  const form = await page.locator('body').getAttribute('data-form');
  const ask = (where, headers, body) => open.request.post(site.url + where, { headers: { accept: 'text/html', ...headers }, ...body, maxRedirects: 0 });
  const alias = { name: 'forged', revision: made.original };
  const rows = [
    ['no secret', `/models/${made.model}/aliases`, {}, { form: alias }, 400],
    ['a wrong secret', `/models/${made.model}/aliases`, {}, { form: { ...alias, form: 'f'.repeat(64) } }, 400],
    ['another site', `/models/${made.model}/aliases`, { 'sec-fetch-site': 'cross-site' }, { form: { ...alias, form } }, 400],
    ['another origin', `/models/${made.model}/aliases`, { origin: 'https://evil.example' }, { form: { ...alias, form } }, 400],
    ['the API with the cookie alone', '/api/v1/models', { 'content-type': 'application/json' }, { data: { name: 'forged' } }, 401],
    ['signing in from elsewhere', '/sign-in', { 'sec-fetch-site': 'cross-site' }, { form: { token: site.token } }, 400],
  ];
  for (const [what, where, headers, body, status] of rows) {
    const answer = await ask(where, headers, body);
    if (answer.status() !== status) say(`${what}: ${answer.status()}`);
  }
  const read = await open.request.get(`${site.url}/api/v1/models`, { headers: { 'sec-fetch-site': 'cross-site' } });
  if (read.status() !== 401) say(`another site reads the API with the cookie: ${read.status()}`);
  const models = await json(page, '/api/v1/models');
  const aliases = await json(page, `/api/v1/models/${made.model}/aliases`);
  if ([...models.items, ...aliases.items].some((one) => one.name === 'forged')) say('a forged form was believed');
  const [cookie] = (await open.cookies()).filter((one) => one.name === 'coreanvil');
  if (!cookie?.httpOnly || cookie.sameSite !== 'Lax') say(`the cookie is ${JSON.stringify(cookie)}`);
  await open.close();
}

/** A reader sees no button that would be refused, and gets a page when they ask anyway. */
export async function reader({ site, browser }, made, say) {
  const admin = await context(browser, site.url, desktop, say);
  const page = await signIn(admin, site, site.token, '/tokens');
  await page.getByLabel('For').fill('looks only');
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = await page.locator('[data-secret]').innerText();
  await page.reload().catch(() => {});
  await page.goto(`${site.url}/tokens`);
  if ((await page.content()).includes(token)) say('the token is shown twice');
  await admin.close();
  const open = await context(browser, site.url, desktop, say, { statuses: [403] });
  const seen = await signIn(open, site, token);
  for (const where of ['/models', `/models/${made.model}`, `/jobs/${made.job}`, '/jobs', '/service']) {
    await seen.goto(site.url + where);
    for (const word of ['Upload', 'Compress', 'Cancel', 'Set alias', 'Remove', 'Tokens']) {
      const offered = await seen.getByRole('link', { name: word }).or(seen.getByRole('button', { name: word })).and(seen.locator('.btn, .nav a, .link')).count();
      if (offered > 0) say(`${where} offers ${word} to a reader`);
    }
  }
  for (const where of ['/tokens', '/upload', `/revisions/${made.original}/compress`]) {
    const answer = await seen.goto(site.url + where);
    const text = await seen.locator('main').innerText();
    if (answer.status() !== 403 || !text.includes('request')) say(`${where} answers ${answer.status()}`);
  }
  await open.close();
}

/** Revoking a token ends the sessions that it began. */
export async function revoked({ site, browser }, say) {
  const admin = await context(browser, site.url, desktop, say);
  const page = await signIn(admin, site, site.token, '/tokens');
  await page.getByLabel('For').fill('short-lived');
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = await page.locator('[data-secret]').innerText();
  const open = await context(browser, site.url, desktop, say);
  const seen = await signIn(open, site, token);
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(`${site.url}/tokens`);
  await page.getByRole('button', { name: 'Revoke short-lived' }).click();
  await page.locator('tr', { hasText: 'short-lived' }).getByText('revoked').waitFor();
  await seen.goto(`${site.url}/models`);
  if (new URL(seen.url()).pathname !== '/sign-in') say(`a revoked token still sees ${seen.url()}`);
  await admin.close();
  await open.close();
}

/** Guessing is slowed down, and a good token gets in all the same. */
export async function manyWrong({ site, browser }, say) {
  const open = await context(browser, site.url, desktop, say);
  const statuses = new Set();
  for (let i = 0; i < 40; i++) {
    const answer = await open.request.post(`${site.url}/sign-in`, { form: { token: 'ca_wrong' }, headers: { accept: 'text/html' } });
    statuses.add(answer.status());
  }
  if (!statuses.has(401) || !statuses.has(429)) say(`wrong tokens get ${[...statuses]}`);
  await signIn(open, site);
  await open.close();
}

/** The page that signs in, fresh and after a mistake, in every look; where it leads afterwards stays on this site. */
export async function signInPages({ site, browser }, shots, say) {
  for (const [name, options] of Object.entries(looks)) {
    const open = await context(browser, site.url, options, say, { statuses: [401, 429] });
    const page = await open.newPage();
    await page.goto(`${site.url}/sign-in`);
    for (const line of await axe(page)) say(`${name}: ${line}`);
    await page.screenshot({ path: path.join(shots, `sign-in-${name}.png`), fullPage: true });
    await page.getByLabel('Token').fill('ca_nonsense');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    for (const line of await axe(page)) say(`${name}, refused: ${line}`);
    await page.screenshot({ path: path.join(shots, `sign-in-refused-${name}.png`), fullPage: true });
    for (const bad of ['//evil.example/', 'https://evil.example/', '/\\evil.example']) {
      await page.goto(`${site.url}/sign-in?next=${encodeURIComponent(bad)}`);
      await page.getByLabel('Token').fill(site.token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL((url) => url.pathname === '/models');
      await open.clearCookies();
    }
    await open.close();
  }
}
