<?php
// SPDX-License-Identifier: Apache-2.0
// Laravel's session on its redis store, each request blocking the session (`session.block`).
use Illuminate\Config\Repository;
use Illuminate\Foundation\Application;
use Illuminate\Http\Request;
use Illuminate\Session\Middleware\StartSession;

require 'Illuminate/autoload.php';
require __DIR__ . '/../gate.php';

$app = new Application(sys_get_temp_dir());
$app->instance('config', new Repository([
    'session' => [
        'driver' => 'redis', 'connection' => 'default', 'store' => null, 'encrypt' => false,
        'lifetime' => (int) getenv('LIFETIME') / 60, 'expire_on_close' => false, 'lottery' => [0, 1],
        'cookie' => 'shop', 'path' => '/', 'domain' => null, 'secure' => false, 'http_only' => true,
        'same_site' => 'lax', 'block' => getenv('LOCKS') === '1', 'block_lock_seconds' => 20,
        'block_wait_seconds' => 20],
    'cache' => ['default' => 'redis', 'prefix' => 'shop', 'stores' => [
        'redis' => ['driver' => 'redis', 'connection' => 'default']]],
    'database' => ['redis' => ['client' => 'phpredis', 'default' => [
        'host' => '127.0.0.1', 'port' => (int) getenv('STORE_PORT')]]],
]));
foreach (['Cache\CacheServiceProvider', 'Redis\RedisServiceProvider',
          'Session\SessionServiceProvider'] as $each) {
    $app->register("Illuminate\\$each");
}
$app->boot();
$router = $app['router'];

$router->get('/about', fn () => 'laravel ' . Application::VERSION . ', php-redis ' . phpversion('redis'));
$router->get('/command', function (Request $request) use ($app) {
    $client = $app['redis']->connection()->client();
    $client->rawCommand($request->query('word'));
    return (string) $client->getLastError();
});
$router->middleware(StartSession::class)->group(function () use ($router) {
    $router->get('/items', fn (Request $request) => $request->session()->get('items', []));
    $router->get('/me', fn (Request $request) => $request->session()->get('user', 'nobody'));
    $router->get('/add', function (Request $request) {
        $items = $request->session()->get('items', []);
        gate();
        $request->session()->put('items', [...$items, $request->query('item')]);
        return $request->session()->get('items');
    });
    $router->get('/login', function (Request $request) {
        $request->session()->regenerate(true);
        $request->session()->put('user', $request->query('name'));
        return 'in';
    });
    $router->get('/logout', function (Request $request) {
        $request->session()->invalidate();
        return 'out';
    });
});

$request = Request::capture();
$app->instance('request', $request);
$router->dispatch($request)->send();
