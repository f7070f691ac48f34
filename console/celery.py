"""The Celery application. Tasks live in the `tasks.py` of each app.

What runs by the clock is declared beside the task, in a dict `BEAT` of that module, in the form
of Celery's own beat schedule; the entry's name is prefixed with the app's label:

    BEAT = {"sweep": {"task": "aws.tasks.sweep", "schedule": 15.0}}
"""

import os
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import import_modules

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

# Started by root the worker stays root on purpose (console/lab/parts.py); messages are JSON only.
warnings.filterwarnings("ignore", "You're running the worker", SecurityWarning)

app = Celery("groundschool")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@import_modules.connect(sender=app, weak=False)
def _add_schedules(**_: Any) -> None:
    """After the tasks are imported (so after django.setup()): beat and worker both come by."""
    app.conf.beat_schedule.update(beat_schedule())


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Every app's BEAT, as {"<app label>.<name>": entry}."""
    from django.apps import apps

    schedule: dict[str, dict[str, Any]] = {}
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.tasks") is None:
            continue
        entries = getattr(import_module(f"{config.name}.tasks"), "BEAT", {})
        schedule |= {f"{config.label}.{name}": entry for name, entry in entries.items()}
    return schedule
