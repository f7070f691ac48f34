from typing import Protocol

from ec2.models import Instance


class Runtime(Protocol):
    """What an instance's life asks of what it runs on.

    Every method may be called twice, or after a crash in the middle: it makes so, and does not
    mind that it is so.
    """

    name: str
    is_simulated: bool

    def start(self, instance: Instance) -> None:
        """Makes the guest run. Called in "pending"."""

    def stop(self, instance: Instance, *, force: bool = False) -> None:
        """Ends the guest, keeps its disks. Called in "stopping"."""

    def terminate(self, instance: Instance) -> None:
        """Ends the guest and what it has on the host. Called in "shutting-down"."""

    def reboot(self, instance: Instance) -> None: ...

    def console_output(self, instance: Instance) -> str:
        """What the guest has written on its console, the last 64 KiB."""
        ...
