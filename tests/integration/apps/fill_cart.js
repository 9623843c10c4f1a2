// SPDX-License-Identifier: Apache-2.0
// Fills a cart as a person does: types, clicks, looks, and tries again when a page did not come.
//   fill_cart.js URL COUNT    prints `has N` at each look; fails once anything is missing.
// What was sent again because no answer came may be there twice, and nothing else.
'use strict';
const {chromium} = require('playwright-core');

const [url, count] = [process.argv[2], Number(process.argv[3])];

async function look(page) {
  for (;;) {
    const answer = await page.goto(url).catch(() => null);
    if (answer && answer.status() === 200) return page.locator('li').allTextContents();
    await page.waitForTimeout(50);
  }
}

async function send(page, item) {
  await page.fill('input', item);
  const answered = page.waitForNavigation({timeout: 10_000}).catch(() => null);
  await page.click('button', {noWaitAfter: true});
  const answer = await answered;
  return answer !== null && answer.status() === 200;
}

setTimeout(() => {
  console.error('it takes too long');
  process.exit(1);
}, 150_000).unref();

(async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
  });
  const page = await (await browser.newContext()).newPage();
  const unsure = new Set();
  for (let had = 0; had < count;) {
    const items = await look(page);
    const kinds = [...new Set(items)];
    const twice = items.filter((each, at) => items.indexOf(each) !== at);
    if (kinds.length < had || kinds.some((each, at) => each !== `item ${at}`) ||
        twice.some((each) => !unsure.has(each))) {
      throw new Error(`the cart had ${had} items and is now: ${items.join(', ')}`);
    }
    had = kinds.length;
    console.log(`has ${had}`);
    if (had < count && !await send(page, `item ${had}`)) unsure.add(`item ${had}`);
  }
  await browser.close();
})().catch((why) => { console.error(why); process.exit(1); });
