"""Health probe of the web container: exit code 0 when `/sante/` answers 200."""

import sys
import urllib.request

try:
    request = urllib.request.Request(
        "http://127.0.0.1:8000/sante/", headers={"X-Forwarded-Proto": "https"}
    )
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  (a fixed address)
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    sys.exit(f"unreachable: {error}")
