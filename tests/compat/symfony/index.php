<?php
// SPDX-License-Identifier: Apache-2.0
// Symfony's session, kept by its RedisSessionHandler on the redis extension.
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpFoundation\Session\Session;
use Symfony\Component\HttpFoundation\Session\Storage\Handler\RedisSessionHandler;
use Symfony\Component\HttpFoundation\Session\Storage\NativeSessionStorage;

require 'Symfony/Component/HttpFoundation/autoload.php';
require __DIR__ . '/../gate.php';

$request = Request::createFromGlobals();
$client = new Redis();
$client->connect('127.0.0.1', (int) getenv('STORE_PORT'));
$handler = new RedisSessionHandler($client, ['ttl' => (int) getenv('LIFETIME')]);
$session = new Session(new NativeSessionStorage(['use_strict_mode' => true], $handler));

function version(): string
{
    exec("dpkg-query -W -f '\${Version}' php-symfony-http-foundation", $told);
    return $told[0];
}

function finish(Session $session, string $answer): void
{
    $session->save();
    exit($answer);
}

switch ($request->getPathInfo()) {
    case '/about':
        exit('symfony/http-foundation ' . version() . ', php-redis ' . phpversion('redis'));
    case '/command':
        $client->rawCommand($request->query->get('word'));
        exit((string) $client->getLastError());
    case '/items':
        finish($session, json_encode($session->get('items', [])));
    case '/me':
        finish($session, $session->get('user', 'nobody'));
    case '/add':
        $items = $session->get('items', []);
        gate();
        $session->set('items', [...$items, $request->query->get('item')]);
        finish($session, json_encode($session->get('items')));
    case '/login':
        $session->start();
        $session->migrate(true);
        $session->set('user', $request->query->get('name'));
        finish($session, 'in');
    case '/logout':
        $session->start();
        $session->invalidate();
        finish($session, 'out');
}
