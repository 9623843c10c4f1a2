// SPDX-License-Identifier: Apache-2.0
#include "app/demo/shop.h"

namespace hawser::app::demo {

const std::string_view page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A shop behind Hawser</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; }
  section { border: 1px solid #8886; border-radius: .6rem; padding: 1rem 1.25rem; margin: 1rem 0; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
  dt { opacity: .7; }
  dd { margin: 0; font-weight: 600; }
  button { font: inherit; padding: .35rem .8rem; margin: 0 .4rem .4rem 0; cursor: pointer; }
  ul { margin: .25rem 0 0; padding-left: 1.2rem; min-height: 1.5em; }
  code { font-size: .9em; }
</style>
</head>
<body>
<h1>A shop behind Hawser</h1>
<p>Three servers sell here, each with its carts in its own memory. Hawser keeps you on yours.</p>
<section>
  <dl>
    <dt>answered by</dt><dd id="server">…</dd>
    <dt>verdict</dt><dd id="verdict">…</dd>
    <dt>requests</dt><dd id="count">0</dd>
  </dl>
</section>
<section>
  <div>
    <button data-item="rope">a rope</button>
    <button data-item="tea">tea</button>
    <button data-item="biscuits">biscuits</button>
    <button id="look">look again</button>
  </div>
  <div>Your cart:</div>
  <ul id="cart"></ul>
</section>
<p>Try: <code>kill -9</code> your server and look again: you are moved, once, and told so; that cart
is gone with its server. Others notice nothing.</p>
<script>
  let count = 0;
  const show = (id, text) => { document.getElementById(id).textContent = text; };
  async function ask(item) {
    const options = item ? { method: 'POST', body: item } : {};
    try {
      const answer = await fetch('/cart', options);
      const told = await answer.json();
      show('server', told.server);
      show('verdict', answer.headers.get('X-Hawser') ?? '');
      const list = document.getElementById('cart');
      list.replaceChildren(...told.cart.map(text => {
        const line = document.createElement('li');
        line.textContent = text;
        return line;
      }));
    } catch (error) {
      show('verdict', String(error));
    }
    show('count', ++count);
  }
  for (const button of document.querySelectorAll('[data-item]'))
    button.addEventListener('click', () => ask(button.dataset.item));
  document.getElementById('look').addEventListener('click', () => ask());
  ask();
</script>
</body>
</html>
)";

}  // namespace hawser::app::demo
