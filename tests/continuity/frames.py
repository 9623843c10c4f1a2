# SPDX-License-Identifier: Apache-2.0
"""Frames of WebSockets (RFC 6455), as small as users and servers here need them: no fragments."""

import base64
import hashlib
import os
import struct
from typing import Iterator

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # section 1.3


def new_key() -> bytes:
    return base64.b64encode(os.urandom(16))


def accepted(key: bytes) -> bytes:
    return base64.b64encode(hashlib.sha1(key + MAGIC).digest())


def frame(code: int, payload: bytes, masked: bool = False) -> bytes:
    """A whole message; what clients send is masked."""
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    mask = os.urandom(4) if masked else b""
    length = bytes([length[0] | (0x80 if masked else 0)]) + length[1:]
    return bytes([0x80 | code]) + length + mask + (unmask(payload, mask) if masked else payload)


def unmask(payload: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def take_frames(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """The whole frames at the front of `data`, which are taken out of it."""
    while (found := _first(data)) is not None:
        code, payload, size = found
        del data[:size]
        yield code, payload


def _first(data: bytearray) -> tuple[int, bytes, int] | None:
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size == 126:
        if len(data) < 4:
            return None
        size, at = struct.unpack_from(">H", data, 2)[0], 4
    masked = bool(data[1] & 0x80)
    begin = at + (4 if masked else 0)
    if len(data) < begin + size:
        return None
    payload = bytes(data[begin:begin + size])
    return data[0] & 0x0F, unmask(payload, bytes(data[at:begin])) if masked else payload, begin + size
