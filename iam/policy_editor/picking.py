"""Which actions a statement has, word by word or through a pattern, and which a block shows."""

from iam.drafts import DraftStatement
from iam.policy.wildcards import compile_glob, pieces_of
from iam.policy_editor.kinds import DocumentKind
from iam.reference import Action

TRUST_ACTIONS = {
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "SetSourceIdentity",
    "TagSession",
}


def is_shown(action: Action, wanted: str, kind: DocumentKind) -> bool:
    """wanted: what a person typed into the filter."""
    if not kind.has_resources and action.name not in TRUST_ACTIONS:
        return False
    return wanted.lower().strip() in action.name.lower()


def by_name(action: Action) -> str:
    return action.name.lower()


class Picked:
    """The actions of a statement. words: as written, in lower case."""

    def __init__(self, statement: DraftStatement) -> None:
        written = [word.text for word in statement.actions]
        self.words = {text.lower() for text in written}
        self._patterns = [
            (text, compile_glob(pieces_of(text.lower())))
            for text in written
            if "*" in text or "?" in text
        ]

    def has(self, action: Action) -> bool:
        """Whether the action itself is written."""
        return action.full_name.lower() in self.words

    def covering(self, action: Action) -> str:
        """The first pattern that takes the action in, "" if there is none."""
        name = action.full_name.lower()
        return next((text for text, matches in self._patterns if matches(name)), "")
