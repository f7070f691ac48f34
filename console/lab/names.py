"""Whether names below LAB_PUBLIC_URL's host lead to the lab, by this machine's resolver."""

import secrets
import socket
import threading

# A resolver that answers later than this is of no use to anybody.
SECONDS = 2.0


class NameCheck:
    """Asks for a label that nobody made up before, beside everything else that starts."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._found = False
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def resolves(self) -> bool:
        """Waits for the answer, SECONDS at most."""
        self._thread.join(SECONDS)
        return self._found

    def _ask(self) -> None:
        """Some resolvers answer every name; it has to be the domain's own address."""
        label = f"{secrets.token_hex(8)}.{self._domain}"
        self._found = bool(_addresses(label) & _addresses(self._domain))


def _addresses(name: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except (OSError, UnicodeError):
        return set()
