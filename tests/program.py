"""A program that asks the API with a token of somebody's."""

from typing import Any

from django.utils import timezone

from governance import tokens


class Program:
    """`browser` is Django's test client; a path is relative to /api/v1/."""

    def __init__(self, browser: Any, user: Any, at: Any, access: str = "read") -> None:
        _, text = tokens.issue(email=user.email, client=at, access=access, now=timezone.now())
        self.browser, self.headers = browser, {"Authorization": f"Bearer {text}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.browser.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, data: Any = None, **headers: str) -> Any:
        return self._send(self.browser.post, path, data, headers)

    def patch(self, path: str, data: Any, **headers: str) -> Any:
        return self._send(self.browser.patch, path, data, headers)

    def _send(self, verb: Any, path: str, data: Any, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return verb(f"/api/v1/{path}", data or {}, "application/json", headers={**self.headers, **named})


def error(response: Any) -> dict[str, Any]:
    return response.json()["error"]  # type: ignore[no-any-return]
