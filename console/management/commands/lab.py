"""`manage.py lab`: the whole lab on this machine, until Ctrl-C."""

import os
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from console.lab.errors import LabError
from console.lab.output import Output
from console.lab.supervisor import Lab


class Command(BaseCommand):
    help = "Runs the lab: PostgreSQL, Valkey, console, AWS API, worker and beat, until Ctrl-C."
    # The children check themselves; doing it here first would double the time to the first page.
    requires_system_checks = []

    def handle(self, *_: Any, **__: Any) -> None:
        # From the environment and not from the settings: these may name a lab that was killed.
        names = ("DATABASE_URL", "REDIS_URL")
        lab = Lab(Output(), {name: os.environ[name] for name in names if os.environ.get(name)})
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: lab.ask_to_stop())
        try:
            lab.run()
        except LabError as error:
            raise CommandError(str(error)) from error
