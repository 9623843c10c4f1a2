// SPDX-License-Identifier: Apache-2.0
// Opens a page in Debian's Chromium and prints what came of it, as JSON.
//   browse.js URL
'use strict';
const { chromium } = require('playwright-core');

(async () => {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'],
  });
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });  // nobody trusts a test's authority
    const page = await context.newPage();
    const failed = [];
    page.on('requestfailed', (request) => failed.push(request.url()));
    page.on('response', (answer) => { if (answer.status() !== 200) failed.push(answer.url()); });
    await page.goto(process.argv[2], { waitUntil: 'load' });
    const loaded = await page.evaluate(() => ({
      pictures: [...document.images].filter((each) => each.complete && each.naturalWidth > 0).length,
      protocols: [...new Set(performance.getEntriesByType('resource')
        .map((each) => each.nextHopProtocol))],
    }));
    const cookies = await context.cookies();
    console.log(JSON.stringify({ ...loaded, failed, cookies }));
  } finally {
    await browser.close();
  }
})().catch((why) => { console.error(why); process.exit(1); });
