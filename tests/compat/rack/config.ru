# SPDX-License-Identifier: Apache-2.0
# Rack's sessions, kept by redis-rack.
require 'json'
require 'rack/session/redis'
require_relative '../gate'

server = "redis://127.0.0.1:#{ENV.fetch('STORE_PORT')}/0"

map '/about' do
  run lambda { |_| [200, {}, [%w[rack redis-rack redis-store redis].map { |name|
    "#{name} #{Gem.loaded_specs.fetch(name).version}" }.join(', ')]] }
end

map '/command' do
  run lambda { |env|
    begin
      Redis.new(url: server).call(Rack::Request.new(env).params['word'])
      [200, {}, ['OK']]
    rescue Redis::CommandError => why
      [200, {}, [why.message]]
    end
  }
end

use Rack::Session::Redis, redis_server: "#{server}/rack:session",
                          expire_after: Integer(ENV.fetch('LIFETIME'))

run lambda { |env|
  asked = Rack::Request.new(env)
  session = asked.session
  answer = case asked.path_info
           when '/items' then JSON.generate(session['items'] || [])
           when '/me' then session['user'] || 'nobody'
           when '/add'
             items = session['items'] || []
             gate(asked.params['gate'])
             JSON.generate(session['items'] = items + [asked.params['item']])
           when '/login'
             session.options[:renew] = true
             session['user'] = asked.params['name']
             'in'
           when '/logout'
             session.destroy
             'out'
           end
  [200, {'Content-Type' => 'text/plain'}, [answer]]
}
