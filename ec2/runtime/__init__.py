"""What instances run on. One answer today: `simulated`, which lives the same life without a guest.

`of(instance)` is what the tasks and operations call; a runtime with real guests takes its place
beside this one and nothing above changes.
"""

from ec2.models import Instance
from ec2.runtime.base import Runtime
from ec2.runtime.simulated import Simulated

_RUNTIMES: dict[str, Runtime] = {"simulated": Simulated()}


def of(instance: Instance) -> Runtime:
    return _RUNTIMES[instance.runtime]


__all__ = ["Runtime", "of"]
