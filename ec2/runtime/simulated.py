from ec2.models import Instance

_NOTICE = (
    "This instance is simulated: it has a life, a network and a bill, and no operating system "
    "that could write a system log.\n"
)


class Simulated:
    """No guest at all. The console says so wherever it shows one."""

    name = "simulated"
    is_simulated = True

    def start(self, instance: Instance) -> None:
        pass

    def stop(self, instance: Instance, *, force: bool = False) -> None:
        pass

    def terminate(self, instance: Instance) -> None:
        pass

    def reboot(self, instance: Instance) -> None:
        pass

    def console_output(self, instance: Instance) -> str:
        return _NOTICE
