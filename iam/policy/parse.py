"""From text to Policy, refusing what AWS refuses, in its words and with the place in the text.

Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import re
from collections.abc import Callable, Iterator

from iam.policy.conditions import parse_operator
from iam.policy.document import (
    ConditionElement,
    Effect,
    Policy,
    PolicyKind,
    PolicySyntaxError,
    PrincipalElement,
    Statement,
)
from iam.policy.elements import (
    VENDOR_MISSING,
    Objection,
    check_action,
    check_resource,
    read_principal,
    read_strings,
)
from iam.policy.reader import SYNTAX_ERROR, Node, Number, Source

VERSIONS = ("2012-10-17", "2008-10-17")
DOCUMENT_ELEMENTS = {"Version", "Id", "Statement"}
STATEMENT_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_SID = re.compile(r"[0-9A-Za-z]*")
_MISSING: dict[tuple[str, bool], str] = {  # (element, in a resource-based policy) -> the sentence
    ("Effect", False): SYNTAX_ERROR,
    ("Effect", True): "Missing required field Effect cannot be empty!",
    ("Action", False): "Policy statement must contain actions.",
    ("Action", True): "Missing required field Action",
    ("Resource", False): "Policy statement must contain resources.",
    ("Resource", True): "Missing required field Resource",
}


def parse(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Policy:
    """The document as data. Raises PolicySyntaxError(reason, line, column)."""
    return _Parser(Source(text), kind).policy()


def problems(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> list[PolicySyntaxError]:
    """Why parse() would refuse the text: all about the document, and each statement's first.

    Empty if, and only if, parse() succeeds.
    """
    return list(_Parser(Source(text), kind).problems())


class _Parser:
    def __init__(self, source: Source, kind: PolicyKind) -> None:
        self.source = source
        self.kind = kind

    def policy(self) -> Policy:
        root = self._read()
        members = self._members(root)
        self._known(root, DOCUMENT_ELEMENTS)
        version = self._version(root, members)
        nodes = self._statement_nodes(root, members)
        statements = tuple(self._statement(node, index) for index, node in enumerate(nodes))
        self._check_sids(statements, nodes)
        return Policy(self.kind, version, self._text(members.get("Id")), statements)

    def problems(self) -> Iterator[PolicySyntaxError]:
        try:
            root = self._read()
            members = self._members(root)
        except PolicySyntaxError as error:
            yield error
            return
        yield from _raised(lambda: self._known(root, DOCUMENT_ELEMENTS))
        yield from _raised(lambda: self._version(root, members))
        yield from _raised(lambda: self._text(members.get("Id")))
        try:
            nodes = self._statement_nodes(root, members)
        except PolicySyntaxError as error:
            yield error
            return
        fine: list[tuple[Statement, Node]] = []
        for index, node in enumerate(nodes):
            try:
                fine.append((self._statement(node, index), node))
            except PolicySyntaxError as error:
                yield error
        statements, places = tuple(one for one, _ in fine), [node for _, node in fine]
        yield from _raised(lambda: self._check_sids(statements, places))

    def _statement_nodes(self, root: Node, members: dict[str, Node]) -> list[Node]:
        if "Statement" not in members:
            raise self.source.error(SYNTAX_ERROR, root.start, "MISSING_STATEMENT")
        statement = members["Statement"]
        nodes = statement.value if isinstance(statement.value, list) else [statement]
        if not nodes:
            raise self.source.error(SYNTAX_ERROR, statement.start, "MISSING_STATEMENT")
        return nodes

    def _read(self) -> Node:
        try:
            return self.source.read()
        except PolicySyntaxError as error:
            if self.kind is PolicyKind.RESOURCE:
                error.reason = "Policies must be valid JSON and the first byte must be '{'"
            raise

    def _members(self, node: Node) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            raise self._mismatch(node, "Object")
        return node.value

    def _known(self, node: Node, known: set[str]) -> None:
        for name, offset in node.keys.items():
            if name not in known:
                raise self.source.error(SYNTAX_ERROR, offset, "INVALID_POLICY_ELEMENT", name)

    def _mismatch(self, node: Node, wanted: str) -> PolicySyntaxError:
        return self.source.error(SYNTAX_ERROR, node.start, "DATA_TYPE_MISMATCH", wanted)

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node.value, str):
            raise self._mismatch(node, "String")
        return node.value

    def _version(self, root: Node, members: dict[str, Node]) -> str:
        """Identity policies need 2012-10-17; the others default to 2008-10-17."""
        node = members.get("Version")
        version = self._text(node) if node else VERSIONS[1]
        offset = (node or root).start
        if self.kind is PolicyKind.IDENTITY and version != VERSIONS[0]:
            reason = "Policy document must be version 2012-10-17 or greater."
            raise self.source.error(reason, offset, "INVALID_VERSION", version)
        if version not in VERSIONS:
            reason = "The policy must contain a valid version string"
            raise self.source.error(reason, offset, "INVALID_VERSION", version)
        return version

    def _statement(self, node: Node, index: int) -> Statement:
        members = self._members(node)
        self._known(node, STATEMENT_ELEMENTS)
        principal = self._principal(node, members)
        actions, is_not_action = self._list(node, members, "Action", self._check_action)
        resources, is_not_resource = self._resources(node, members)
        return Statement(
            index=index,
            sid=self._sid(members.get("Sid")),
            effect=self._effect(node, members),
            span=self.source.span(node),
            principal=principal,
            actions=actions,
            is_not_action=is_not_action,
            resources=resources,
            is_not_resource=is_not_resource,
            conditions=self._conditions(members.get("Condition")),
        )

    def _sid(self, node: Node | None) -> str:
        sid = self._text(node)
        if node and self.kind is not PolicyKind.RESOURCE and not _SID.fullmatch(sid):
            raise self.source.error(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies "
                "the regular expression [0-9A-Za-z]*",
                node.start,
                "UNSUPPORTED_SID",
                sid,
            )
        return sid

    def _check_sids(self, statements: tuple[Statement, ...], nodes: list[Node]) -> None:
        seen: set[str] = set()
        for statement, node in zip(statements, nodes, strict=True):
            if statement.sid in seen:
                reason = "Statement IDs (SID) in a single policy must be unique."
                raise self.source.error(reason, node.start, "DUPLICATE_SID", statement.sid)
            if statement.sid:
                seen.add(statement.sid)

    def _missing(self, element: str, node: Node) -> PolicySyntaxError:
        reason = _MISSING[element, self.kind is PolicyKind.RESOURCE]
        return self.source.error(reason, node.start, f"MISSING_{element.upper()}")

    def _effect(self, node: Node, members: dict[str, Node]) -> Effect:
        if "Effect" not in members:
            raise self._missing("Effect", node)
        written = self._text(members["Effect"])
        if written not in list(Effect):
            resource = self.kind is PolicyKind.RESOURCE
            reason = f"Invalid effect: {written}" if resource else SYNTAX_ERROR
            raise self.source.error(reason, members["Effect"].start, "INVALID_EFFECT", written)
        return Effect(written)

    def _list(
        self,
        node: Node,
        members: dict[str, Node],
        element: str,
        check: Callable[[str], Objection | None],
    ) -> tuple[tuple[str, ...], bool]:
        """The strings of X or NotX (exactly one of them), each checked, and whether it was NotX."""
        negated = f"Not{element}"
        if element in members and negated in members:
            raise self._conflict(node, negated)
        found = members.get(element) or members.get(negated)
        strings = read_strings(self.source, found) if found else []
        if not strings:
            raise self._missing(element, found or node)
        for text, offset in strings:
            if objection := check(text):
                raise self.source.error(objection.reason, offset, objection.issue, text)
        return tuple(text for text, _ in strings), negated in members

    def _check_action(self, action: str) -> Objection | None:
        return check_action(action, self.kind)

    def _conflict(self, node: Node, negated: str) -> PolicySyntaxError:
        offset = node.keys[negated]
        return self.source.error(SYNTAX_ERROR, offset, "CONFLICTING_POLICY_ELEMENTS", negated)

    def _resources(self, node: Node, members: dict[str, Node]) -> tuple[tuple[str, ...], bool]:
        if self.kind is PolicyKind.TRUST:
            self._prohibit(node, "Resource", "NotResource")
            return (), False
        return self._list(node, members, "Resource", check_resource)

    def _prohibit(self, node: Node, *elements: str) -> None:
        for element in elements:
            if element in node.keys:
                reason = f"Has prohibited field {element}"
                offset = node.keys[element]
                raise self.source.error(reason, offset, "PROHIBITED_POLICY_ELEMENT", element)

    def _principal(self, node: Node, members: dict[str, Node]) -> PrincipalElement | None:
        if self.kind is PolicyKind.IDENTITY:
            self._prohibit(node, "Principal", "NotPrincipal")
            return None
        if "Principal" in members and "NotPrincipal" in members:
            raise self._conflict(node, "NotPrincipal")
        found = members.get("Principal") or members.get("NotPrincipal")
        if found is None:
            reason = "Missing required field Principal"
            raise self.source.error(reason, node.start, "MISSING_PRINCIPAL")
        return read_principal(self.source, found, self.kind, negated="NotPrincipal" in members)

    def _conditions(self, node: Node | None) -> tuple[ConditionElement, ...]:
        if node is None:
            return ()
        if not isinstance(node.value, dict):
            raise self._mismatch(node, "Object")
        found: list[ConditionElement] = []
        for operator, block in node.value.items():
            if parse_operator(operator) is None:
                reason = f"Invalid Condition type : {operator}."
                offset = node.keys[operator]
                raise self.source.error(reason, offset, "INVALID_CONDITION_OPERATOR", operator)
            if not isinstance(block.value, dict):
                raise self._mismatch(block, "Object")
            for key, values in block.value.items():
                if ":" not in key:
                    raise self.source.error(
                        VENDOR_MISSING, block.keys[key], "INVALID_CONDITION_KEY_FORMAT", key
                    )
                found.append(ConditionElement(operator, key, self._condition_values(values)))
        return tuple(found)

    def _condition_values(self, node: Node) -> tuple[str, ...]:
        items = node.value if isinstance(node.value, list) else [node]
        values: list[str] = []
        for item in items:
            if isinstance(item.value, bool):
                values.append("true" if item.value else "false")
            elif isinstance(item.value, Number):
                values.append(item.value.text)
            else:
                values.append(self._text(item))
        return tuple(values)


def _raised(check: Callable[[], object]) -> Iterator[PolicySyntaxError]:
    try:
        check()
    except PolicySyntaxError as error:
        yield error
