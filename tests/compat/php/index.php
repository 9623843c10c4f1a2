<?php
// SPDX-License-Identifier: Apache-2.0
// PHP's own sessions, kept by the handler of the redis extension.
require __DIR__ . '/../gate.php';

ini_set('session.save_handler', 'redis');
ini_set('session.save_path', 'tcp://127.0.0.1:' . getenv('STORE_PORT'));
ini_set('session.gc_maxlifetime', getenv('LIFETIME'));
ini_set('session.use_strict_mode', '1');
ini_set('redis.session.locking_enabled', getenv('LOCKS'));
ini_set('redis.session.lock_retries', '-1');
ini_set('redis.session.lock_wait_time', '1000');

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/about') {
    exit('php-redis ' . phpversion('redis'));
}
if ($path === '/command') {
    $client = new Redis();
    $client->connect('127.0.0.1', (int) getenv('STORE_PORT'));
    $client->rawCommand($_GET['word']);
    exit((string) $client->getLastError());
}
session_start();
switch ($path) {
    case '/items':
        exit(json_encode($_SESSION['items'] ?? []));
    case '/me':
        exit($_SESSION['user'] ?? 'nobody');
    case '/add':
        gate();
        $_SESSION['items'][] = $_GET['item'];
        session_write_close();
        exit(json_encode($_SESSION['items']));
    case '/login':
        session_regenerate_id(true);
        $_SESSION['user'] = $_GET['name'];
        session_write_close();
        exit('in');
    case '/logout':
        session_destroy();
        exit('out');
}
