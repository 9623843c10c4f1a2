# SPDX-License-Identifier: Apache-2.0
"""PROXY headers of version 2, right and wrong, byte by byte after the specification."""

import socket
import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
V2_V4, V2_V6, UNIX = 0x11, 0x21, 0x31
COMMAND_LOCAL, COMMAND_PROXY = 0x20, 0x21
TLS_USED = b"\x01\0\0\0\0"  # the client's part of an SSL TLV, certificate not asked for


def v2(family: int, body: bytes, command: int = COMMAND_PROXY) -> bytes:
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(body)) + body


def announced_v4(source: str, port: int = 4711, to: str = "127.0.0.1", to_port: int = 80) -> bytes:
    return socket.inet_aton(source) + socket.inet_aton(to) + struct.pack(">HH", port, to_port)


def tlv(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + struct.pack(">H", len(value)) + value


def crc32c(data: bytes) -> int:
    value = 0xffffffff
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value ^ 0xffffffff


def checksummed(body: bytes, change: int = 0) -> bytes:
    """With a CRC32c TLV behind `body`, off by `change`."""
    header = v2(V2_V4, body + tlv(3, bytes(4)))
    return header[:-4] + struct.pack(">I", crc32c(header) ^ change)


def length_of(data: bytes) -> int | None:
    """Of the header that `data` begins with; None while it does not show."""
    if data.startswith(b"PROXY "):
        end = data.find(b"\r\n")
        return None if end < 0 else end + 2
    if len(data) < 16:
        return None
    assert data.startswith(SIGNATURE), f"no PROXY header: {data!r}"
    return 16 + int.from_bytes(data[14:16], "big")
