# SPDX-License-Identifier: Apache-2.0
# Rails with its cache store for sessions, on its redis cache.
require 'action_controller/railtie'
require_relative '../gate'

LIFETIME = Integer(ENV.fetch('LIFETIME'))

class Shop < Rails::Application
  config.load_defaults 6.1
  config.eager_load = false
  config.logger = Logger.new(nil)
  config.secret_key_base = 'of the test'
  config.hosts.clear
  config.cache_store = :redis_cache_store,
                       {url: "redis://127.0.0.1:#{ENV.fetch('STORE_PORT')}/0",
                        error_handler: ->(method:, returning:, exception:) { raise exception }}
  config.session_store :cache_store, key: '_shop', expire_after: LIFETIME
end

class ShopController < ActionController::Base
  def about
    render plain: %w[rails redis].map { |name|
      "#{name} #{name == 'rails' ? Rails.version : Gem.loaded_specs.fetch(name).version}" }.join(', ')
  end

  def items = render(json: session[:items] || [])
  def me = render(plain: session[:user] || 'nobody')

  def add
    items = session[:items] || []
    gate(params[:gate])
    render json: session[:items] = items + [params[:item]]
  end

  def login
    kept = session[:items]
    reset_session
    session[:items] = kept
    session[:user] = params[:name]
    render plain: 'in'
  end

  def logout
    reset_session
    render plain: 'out'
  end

  def command
    Rails.cache.redis.call(params[:word])
    render plain: 'OK'
  rescue Redis::CommandError => why
    render plain: why.message
  end
end

Shop.initialize!
Shop.routes.draw do
  %w[about items me add login logout command].each { |page| get page, to: "shop##{page}" }
end
run Shop
