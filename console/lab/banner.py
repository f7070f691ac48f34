"""What a person needs to know when the lab is ready, and what a script does (lab.json)."""

import os
import platform
from importlib.metadata import version
from typing import Any

from django.conf import settings

from console.lab.processes import Identity


def banner(*, has_instructor: bool) -> str:
    api = settings.LAB_API_URL
    rows = {
        "Console": settings.LAB_CONSOLE_URL,
        "AWS CLI": f"aws --endpoint-url {api} …   (or export AWS_ENDPOINT_URL={api})",
        "Public": f"{settings.LAB_PUBLIC_URL}   (websites of buckets)",
        "Instructor": f"{settings.LAB_CONSOLE_URL}/admin/",
        "Data": str(settings.LAB_DATA),
    }
    if not has_instructor:
        command = f"{_python()} manage.py create_instructor --help"
        rows["Instructor"] += f"   (nobody yet: {command})"
    rule = "─" * 72
    lines = [f"  {label:<11} {text}" for label, text in rows.items()]
    return "\n".join([rule, "  Groundschool is ready. Ctrl-C stops it.", "", *lines, rule])


def description(*, servers: dict[str, str], processes: dict[str, Identity]) -> dict[str, Any]:
    """The content of lab.json. No secrets: everyone on the machine may read it.

    servers: versions of the database and of Valkey, asked from themselves.
    """
    return {
        "console_url": settings.LAB_CONSOLE_URL,
        "api_url": settings.LAB_API_URL,
        "public_url": settings.LAB_PUBLIC_URL,
        "admin_url": f"{settings.LAB_CONSOLE_URL}/admin/",
        "host": settings.LAB_HOST,
        "console_port": settings.LAB_CONSOLE_PORT,
        "api_port": settings.LAB_API_PORT,
        "public_port": settings.LAB_PUBLIC_PORT,
        "domain": settings.LAB_DOMAIN,
        "pace": settings.LAB_PACE,
        "language": settings.LAB_LANGUAGE,
        "data": str(settings.LAB_DATA),
        "versions": {
            "python": platform.python_version(),
            "django": version("django"),
            "botocore": version("botocore"),
            "granian": version("granian"),
            **servers,
        },
        "pid": os.getpid(),
        "pids": {name: process.pid for name, process in processes.items()},
    }


def _python() -> str:
    local = settings.BASE_DIR / ".venv" / "bin" / "python"
    return ".venv/bin/python" if local.exists() else "python"
