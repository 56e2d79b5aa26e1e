"""A tus client by hand, over Django's test client: for what no good client would ever send."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse

from accounts.models import User

BODY = "application/offset+octet-stream"


class Sender:
    """Somebody signed in, who sends files with one form."""

    def __init__(self, person: User, form_token: UUID | None = None) -> None:
        self.client = Client()
        self.client.force_login(person)
        self.form_token = form_token or uuid4()

    def create(self, name: str, length: int | str, body: bytes | None = None, **more: str) -> Any:
        """The answer to a creation."""
        meta = {"filename": name, "formtoken": str(self.form_token), **more}
        pairs = ",".join(
            f"{key} {b64encode(value.encode()).decode()}" for key, value in meta.items()
        )
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": pairs}
        return self._send("POST", reverse("files:uploads"), headers, body)

    def address(self, name: str, length: int) -> str:
        """Where a file that was just created is sent to."""
        answer = self.create(name, length)
        assert answer.status_code == 201, answer.content.decode()
        location: str = answer["Location"]
        return location

    def patch(self, address: str, offset: int, body: bytes, **headers: str) -> Any:
        """The answer to some bytes."""
        named = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers}
        return self._send("PATCH", address, named, body)

    def head(self, address: str) -> Any:
        """Where an upload stands."""
        return self._send("HEAD", address, {"Tus-Resumable": "1.0.0"}, None)

    def delete(self, address: str) -> Any:
        """The end of an upload."""
        return self._send("DELETE", address, {"Tus-Resumable": "1.0.0"}, None)

    def send(self, name: str, content: bytes) -> str:
        """A whole file; its address."""
        address = self.address(name, len(content))
        answer = self.patch(address, 0, content)
        assert answer.status_code == 204, answer.content.decode()
        return address

    def waiting(self) -> Any:
        """The fragment of the form."""
        address = reverse("files:waiting", args=[self.form_token])
        return self.client.get(address)

    def _send(self, verb: str, address: str, headers: dict[str, str], body: bytes | None) -> Any:
        kind = "" if body is None else BODY
        # Django's client names the type and the length of a body that it finds empty to nobody.
        extra: dict[str, Any] = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": "0"} if body == b"" else {}
        return self.client.generic(verb, address, body or b"", kind, headers=headers, **extra)
