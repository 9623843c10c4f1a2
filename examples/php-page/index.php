<?php
// SPDX-License-Identifier: Apache-2.0
// A page with a cart. All that any page with sessions does; nothing knows of Hawser.
try {
    session_start();
} catch (RedisException) {
    http_response_code(503);  // its session cannot be asked for now: better that than an empty cart
    exit('Please try again.');
}
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $_SESSION['items'][] = substr($_POST['item'] ?? '', 0, 80);
    if (!session_write_close()) {
        http_response_code(503);
        exit('Please try again.');
    }
    header('Location: /', true, 303);
    exit;
}
?><!doctype html><title>Page</title>
<h1>Your cart</h1>
<ul><?php foreach ($_SESSION['items'] ?? [] as $each) echo '<li>', htmlspecialchars($each), '</li>'; ?></ul>
<form method="post"><input name="item" autofocus><button>Add</button></form>
<p>Served by process <?= getmypid() ?>.
