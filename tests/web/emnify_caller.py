"""A client of the emnify dialect: an account's token, and paths below /api/v1."""

from typing import Any

import httpx

from tests.web.rooms import FLEET, Rooms, token

PREFIX = "/api/v1"


class Caller:
    """Calls as an account does."""

    def __init__(self, rooms: Rooms, account: str = FLEET, bearer: str | None = None) -> None:
        self.rooms = rooms
        said = token(account) if bearer is None else bearer
        self._headers = {b"authorization": f"Bearer {said}".strip().encode()}

    async def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Make a call, whatever comes of it."""
        headers = {**self._headers, **rest.pop("headers", {})}
        return await self.rooms.client.request(
            method, path if path.startswith("http") else PREFIX + path, headers=headers, **rest
        )

    async def get(self, path: str) -> Any:
        """Read what is there."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def made(self, path: str, body: dict[str, Any]) -> str:
        """Make something; return the path of it."""
        answer = await self.ask("POST", path, json=body)
        assert (answer.status_code, answer.content) == (201, b""), answer.text
        return answer.headers["location"].removeprefix(f"{self.rooms.url}{PREFIX}")

    async def change(self, path: str, body: dict[str, Any]) -> None:
        """Change something."""
        answer = await self.ask("PATCH", path, json=body)
        assert (answer.status_code, answer.content) == (204, b""), answer.text

    async def refused(self, method: str, path: str, **rest: Any) -> tuple[int, int]:
        """Make a call that fails; return the status and the code of its first error."""
        answer = await self.ask(method, path, **rest)
        told = answer.json()
        assert answer.status_code >= 400 and told["message"] and told["error_token"]
        (first, *_) = told.get("errors") or [told]
        return answer.status_code, first["error_code"]

    async def profile(self, name: str = "default") -> int:
        """Return the id of a service profile."""
        profiles = await self.get("/service_profile")
        (found,) = [each["id"] for each in profiles if each["name"] == name]
        return int(found)

    async def endpoint(self, number: str = "4915100000001", **more: Any) -> str:
        """Make an endpoint; return its path."""
        body = {
            "name": f"device {number}",
            "status": {"id": 0},
            "service_profile": {"id": await self.profile()},
            "tariff_profile": {"id": 1},
            "sim": {"id": int(number)},
        }
        return await self.made("/endpoint", body | more)
