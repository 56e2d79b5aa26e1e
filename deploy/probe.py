"""Health probe of the web container: exit code 0 when `/sante/` answers 200."""

import os
import sys
import urllib.error
import urllib.request

ADDRESS = "http://127.0.0.1:8000/sante/"


def main(address: str = ADDRESS) -> None:
    # Under any other name than its own the portal answers 400 (F4); as nginx would, by https.
    host = os.environ["PORTAL_ALLOWED_HOSTS"].split(",")[0]
    request = urllib.request.Request(  # noqa: S310  (a fixed address)
        address, headers={"Host": host, "X-Forwarded-Proto": "https"}
    )
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310  (the same)
            sys.exit(0 if answer.status == 200 else 1)
    except urllib.error.HTTPError as answer:
        with answer:
            sys.exit(f"ill: {answer.code}")
    except OSError as error:
        sys.exit(f"unreachable: {error}")


if __name__ == "__main__":
    main()
