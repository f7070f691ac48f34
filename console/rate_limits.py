"""How often a stranger may try: passwords, sign-ups and mails, for each name and each address."""

import ipaddress

from django.http import HttpRequest

from aws.addresses import client_address
from iam.attempts import Attempts

# A class of hundreds can sit behind one address, so what one address may is generous.
SIGN_INS = Attempts("sign-in", limit=10, seconds=300)
SIGN_INS_OF_ADDRESS = Attempts("sign-in-address", limit=500, seconds=300)
CODES_MAILED = Attempts("code-mailed", limit=5, seconds=3600)
CODES_OF_ADDRESS = Attempts("code-address", limit=500, seconds=3600)
RECOVERIES = Attempts("recovery", limit=10, seconds=3600)


def take_sign_in(request: HttpRequest, who: str) -> bool:
    """Counts a try before the password is looked at. who: account and user, or an e-mail."""
    return SIGN_INS_OF_ADDRESS.take(address_of(request)) and SIGN_INS.take(who.lower())


def sign_in_was_right(request: HttpRequest, who: str) -> None:
    """A right password is no guess: only wrong ones add up."""
    SIGN_INS_OF_ADDRESS.give_back(address_of(request))
    SIGN_INS.forget(who.lower())


def take_code(request: HttpRequest, email: str) -> bool:
    """Counts a code that is about to be mailed, so that nobody's mailbox is filled from here."""
    return CODES_OF_ADDRESS.take(address_of(request)) and CODES_MAILED.take(email.lower())


def address_of(request: HttpRequest) -> str:
    """The visitor's address; of IPv6 the network, in which a visitor changes it at will."""
    text = client_address(request.META)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if address.version == 4:
        return text
    return str(ipaddress.ip_network((address, 64), strict=False))
