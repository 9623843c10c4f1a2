# SPDX-License-Identifier: Apache-2.0
# A request that is to wait says so by a connection to `port`, and goes on at its first byte.
require 'socket'

def gate(port)
  return unless port
  TCPSocket.open('127.0.0.1', port.to_i) { |waiting| waiting.read(1) }
end
