"""What stops the lab from starting, said to a person."""


class LabError(Exception):
    """One clear sentence naming the setting to change; `manage.py lab` prints it, exit code 1."""
