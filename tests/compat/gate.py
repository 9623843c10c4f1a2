# SPDX-License-Identifier: Apache-2.0
"""A request that is to wait says so by a connection to `port`, and goes on at its first byte."""

import asyncio
import importlib.metadata
import socket


def gate(port: str | None) -> None:
    if port:
        with socket.create_connection(("127.0.0.1", int(port))) as waiting:
            waiting.recv(1)


async def async_gate(port: str | None) -> None:
    if port:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        await reader.read(1)
        writer.close()


def versions(*names: str) -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
