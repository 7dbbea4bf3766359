"""A client of Home Assistant's HTTP and websocket API: what a browser or a satellite uses."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp

from demo.driver.errors import DemoError

CALL_TIMEOUT = 30.0


class HomeAssistant:
    """One logged-in connection.

    Raises:
        DemoError: from every call that Home Assistant refuses, with its own words.
    """

    def __init__(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        self.url = url
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self._token = token
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._subscribers: dict[int, asyncio.Queue[dict[str, Any]]] = {}

    async def __aenter__(self) -> Self:
        """Open and authenticate the websocket."""
        self._ws = await self._http.ws_connect(f"{self.url}/api/websocket", max_msg_size=0)
        await self._ws.receive_json()
        await self._ws.send_json({"type": "auth", "access_token": self._token})
        if (answer := await self._ws.receive_json())["type"] != "auth_ok":
            raise DemoError(f"Home Assistant refused the login: {answer}")
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the websocket."""
        await self._ws.close()
        await self._reader

    async def _read(self) -> None:
        async for message in self._ws:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            content = message.json()
            # Home Assistant bundles messages that wait for a slow reader.
            for item in content if isinstance(content, list) else [content]:
                self._dispatch(item)
        lost = DemoError("Home Assistant closed the connection.")
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(lost)

    def _dispatch(self, message: dict[str, Any]) -> None:
        if message["type"] == "event" and (queue := self._subscribers.get(message["id"])):
            queue.put_nowait(message["event"])
        elif message["type"] == "result" and (reply := self._replies.pop(message["id"], None)):
            if message["success"]:
                reply.set_result(message["result"])
            else:
                error = message["error"]
                reply.set_exception(DemoError(f"{error['code']}: {error['message']}"))

    async def _send(self, number: int, type_: str, payload: dict[str, Any]) -> Any:
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._ws.send_json({"id": number, "type": type_, **payload})
        return await asyncio.wait_for(reply, CALL_TIMEOUT)

    async def call(self, type_: str, **payload: Any) -> Any:
        """Send one websocket command and return its result."""
        return await self._send(next(self._ids), type_, payload)

    @asynccontextmanager
    async def subscribe(
        self, type_: str, **payload: Any
    ) -> AsyncIterator[asyncio.Queue[dict[str, Any]]]:
        """Send a command that answers with events; yields the queue they arrive in."""
        number = next(self._ids)
        queue = self._subscribers[number] = asyncio.Queue()
        try:
            await self._send(number, type_, payload)
            yield queue
        finally:
            del self._subscribers[number]

    async def send_audio(self, handler: int, pcm: bytes) -> None:
        """Send audio to a running pipeline; nothing ends the stream."""
        await self._ws.send_bytes(bytes([handler]) + pcm)

    async def post(self, path: str, data: dict[str, Any]) -> Any:
        """POST to the HTTP API and return its JSON answer."""
        async with self._http.post(f"{self.url}{path}", json=data, headers=self._headers) as answer:
            if answer.status >= 400:
                raise DemoError(f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def get(self, path: str) -> Any:
        """GET from the HTTP API and return its JSON answer."""
        async with self._http.get(f"{self.url}{path}", headers=self._headers) as answer:
            if answer.status >= 400:
                raise DemoError(f"{path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def download(self, path: str) -> AsyncIterator[bytes]:
        """Fetch a file as it comes, as a media player does."""
        async with self._http.get(f"{self.url}{path}") as answer:
            if answer.status >= 400:
                raise DemoError(f"{path}: {answer.status} {answer.reason}")
            async for chunk in answer.content.iter_any():
                yield chunk


async def log_in(http: aiohttp.ClientSession, url: str, name: str, password: str) -> str:
    """Log in as the login page does and return an access token.

    Raises:
        DemoError: the name or the password is wrong.
    """
    client = {"client_id": f"{url}/"}
    async with http.post(
        f"{url}/auth/login_flow",
        json={**client, "handler": ["homeassistant", None], "redirect_uri": f"{url}/"},
    ) as answer:
        flow = (await answer.json())["flow_id"]
    async with http.post(
        f"{url}/auth/login_flow/{flow}", json={**client, "username": name, "password": password}
    ) as answer:
        result = await answer.json()
    if result.get("type") != "create_entry":
        raise DemoError(f"Home Assistant refused the login of '{name}': {result.get('errors')}")
    async with http.post(
        f"{url}/auth/token",
        data={**client, "grant_type": "authorization_code", "code": result["result"]},
    ) as answer:
        return str((await answer.json())["access_token"])
