"""Declare, take charge, read the mail, answer: one incident over HTTP, on a running demo.

Standard library only. Usage: drive.py http://127.0.0.1:8000/
"""

from __future__ import annotations

import html
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

PASSWORD = "demo-portail"  # noqa: S105  (the demo shows it on its login page)
_FIELD = re.compile(r"<input\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')


class Person:
    """A browser of straw: cookies, and the hidden fields of the page it stands on."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = ""
        self.address = ""

    def get(self, path: str) -> str:
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, **fields: str) -> str:
        """Send the fields with the token of the page one stands on."""
        fields = {"csrfmiddlewaretoken": self.hidden("csrfmiddlewaretoken"), **fields}
        data = urllib.parse.urlencode(fields).encode()
        return self._open(urllib.request.Request(self.base + path, data))

    def hidden(self, name: str) -> str:
        for tag in _FIELD.findall(self.page):
            attributes = {
                key.lower(): html.unescape(value) for key, value in _ATTRIBUTE.findall(tag)
            }
            if attributes.get("name") == name:
                return attributes.get("value", "")
        raise SystemExit(f"{self.address}: no field {name}")

    def sign_in(self, email: str) -> Person:
        self.get("/connexion/")
        self.post("/connexion/", login=email, password=PASSWORD)
        if "/connexion/" in self.address:
            raise SystemExit(f"{email} could not sign in")
        return self

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self.opener.open(request, timeout=30) as answer:
                self.address = answer.geturl()
                self.page = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise SystemExit(
                f"{request.full_url}: {error.code}\n{error.read()[:2000]!r}"
            ) from error
        return self.page


def expect(text: str, page: str, where: str) -> None:
    """Stop with what is missing."""
    if text not in page:
        raise SystemExit(f"{where}: « {text} » is not there")
    print(f"  {where}: {text}")


def wait_for_mail(person: Person, text: str) -> None:
    """The demo's mailbox shows what its SMTP server received."""
    for _try in range(60):
        if text in html.unescape(person.get("/demo/courrier/")):
            print(f"  mail: {text}")
            return
        time.sleep(1)
    raise SystemExit(f"no mail « {text} »")


def declare(customer: Person) -> str:
    """One incident; returns its reference."""
    page = customer.get("/incidents/declarer/")
    product = re.search(r'<option value="(\d+)"', page)
    if product is None:
        raise SystemExit("no product to choose")
    action = re.search(r'<form[^>]*action="(/incidents/declarer/[^"]*)"', page)
    customer.post(
        html.unescape(action.group(1)) if action else "/incidents/declarer/",
        product=product.group(1),
        severity="impairing",
        title="Essai de bout en bout",
        body="Déclaré par le contrôle continu.",
        form_token=customer.hidden("form_token"),
    )
    found = re.search(r"/incidents/(INC-\d{4}-\d{6,})/", customer.address)
    if found is None:
        raise SystemExit(f"not declared: {customer.address}\n{customer.page[-4000:]}")
    return found.group(1)


def main(base: str) -> None:
    customer, engineer = Person(base).sign_in("client@demo.example"), Person(base)
    reference = declare(customer)
    print(f"  declared: {reference}")
    wait_for_mail(customer, reference)
    engineer.sign_in("ingenieur@demo.example")
    engineer.get(f"/admin/incidents/{reference}/")
    engineer.post(f"/admin/incidents/{reference}/prendre-en-charge/")
    expect("En cours", customer.get(f"/incidents/{reference}/"), "the customer reads")
    wait_for_mail(customer, f"[{reference}] Pris en charge")
    customer.get(f"/incidents/{reference}/")
    customer.post(
        f"/incidents/{reference}/message/",
        body="Merci, je reste joignable.",
        form_token=customer.hidden("form_token"),
    )
    expect(
        "Merci, je reste joignable.",
        engineer.get(f"/admin/incidents/{reference}/"),
        "the engineer reads",
    )


if __name__ == "__main__":
    main(sys.argv[1])
