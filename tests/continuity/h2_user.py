# SPDX-License-Identifier: Apache-2.0
"""A user that speaks HTTP/2: one connection, on which its requests run side by side."""

import asyncio

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
from connection import PATIENCE, Answer, Broken, Request, Untaken, connected
from user import User


FRAME_HEAD = 9  # bytes (RFC 9113, 4.1)
GOAWAY = 7


class H2Connection(asyncio.Protocol):
    def __init__(self):
        self.input = bytearray()
        self.frames = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.answers: dict[int, Answer] = {}
        self.waits: dict[int, asyncio.Future] = {}
        self.is_usable = True

    @staticmethod
    async def open(port: int) -> "H2Connection":
        return await connected(H2Connection, port)

    async def ask(self, request: Request) -> Answer:
        stream = self.frames.get_next_available_stream_id()
        waits = self.waits[stream] = asyncio.get_running_loop().create_future()
        fields = [(name.lower(), value) for name, value in request.fields if name != "Host"]
        parts = request.parts()
        if parts:
            fields.append(("content-length", str(len(request.body))))
        try:
            async with asyncio.timeout(PATIENCE):
                self.frames.send_headers(stream, [
                    (":method", request.method), (":scheme", "http"), (":path", request.path),
                    (":authority", "shop.example"), *fields], end_stream=not parts)
                await self._send_parts(stream, parts, request.pause)
                return await waits
        except TimeoutError:
            raise Broken("late") from None
        except h2.exceptions.H2Error:  # it has ended while the body was sent
            if waits.done():
                return waits.result()
            raise Broken("cut") from None
        finally:
            self.waits.pop(stream, None)

    async def _send_parts(self, stream: int, parts: list[bytes], pause: float) -> None:
        self._flush()
        for at, part in enumerate(parts):
            if at:
                await asyncio.sleep(pause)
            self.frames.send_data(stream, part, end_stream=at + 1 == len(parts))
            self._flush()

    def close(self) -> None:
        self.is_usable = False
        self.transport.close()

    # ---- what the loop calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.frames.initiate_connection()
        self._flush()

    def data_received(self, data: bytes) -> None:
        self.input += data
        while len(self.input) >= FRAME_HEAD:
            size = FRAME_HEAD + int.from_bytes(self.input[:3], "big")
            if len(self.input) < size:
                break
            frame = bytes(self.input[:size])
            del self.input[:size]
            if frame[3] == GOAWAY:
                self._hear_farewell(int.from_bytes(frame[FRAME_HEAD:FRAME_HEAD + 4], "big"))
            else:
                self._hear(frame)
        self._flush()

    def _hear(self, frame: bytes) -> None:
        try:
            events = self.frames.receive_data(frame)
        except h2.exceptions.H2Error:
            return self.transport.abort()
        for each in events:
            self._take(each)

    def _hear_farewell(self, last: int) -> None:
        """The library would take nothing more, although streams up to the last one go on."""
        self.is_usable = False
        for stream in [each for each in self.waits if each > last]:
            self._fail(stream, Untaken("untaken"))

    def connection_lost(self, why: Exception | None) -> None:
        self.is_usable = False
        for stream in list(self.waits):
            self._fail(stream, Broken("reset" if why else "cut"))

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.ResponseReceived():
                self.answers[event.stream_id] = self._answer_of(event.headers)
            case h2.events.DataReceived():
                self.answers[event.stream_id].body += event.data
                self.frames.acknowledge_received_data(event.flow_controlled_length,
                                                      event.stream_id)
            case h2.events.StreamEnded():
                answer = self.answers.pop(event.stream_id)
                waits = self.waits.get(event.stream_id)
                if waits and not waits.done():
                    waits.set_result(answer)
            case h2.events.StreamReset():
                refused = event.error_code == h2.errors.ErrorCodes.REFUSED_STREAM
                self._fail(event.stream_id, Untaken("untaken") if refused else Broken("reset"))

    @staticmethod
    def _answer_of(headers: list[tuple[str, str]]) -> Answer:
        answer = Answer(int(dict(headers)[":status"]))
        for name, value in headers:
            if name == "set-cookie":
                answer.cookies.append(value.partition(";")[0])
            else:
                answer.fields[name] = value
        return answer

    def _fail(self, stream: int, why: Broken) -> None:
        waits = self.waits.get(stream)
        if waits and not waits.done():
            waits.set_exception(why)

    def _flush(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.frames.data_to_send())


class H2User(User):
    connection_kind = H2Connection

    async def burst(self) -> None:
        """At once over the one connection that it has."""
        if not self.connection or not self.connection.is_usable:
            await self.get()
        await asyncio.gather(self.ask("GET"), self.post(), self.post())
