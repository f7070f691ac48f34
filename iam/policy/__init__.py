"""The AWS policy language: parsed once, compiled, decided. Pure Python, no Django.

    policy = load(text)                        # or parse() and compile_policy()
    decision = decide(request, layers)         # allowed, verdict, layer, reason
    explanation = explain(request, layers)     # the same, and why

Start reading at evaluate.py (the order of the layers), then compile.py (one statement).
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
"""

from iam.policy.compile import CompiledPolicy, compile_policy, load, nothing
from iam.policy.context_keys import context_keys, missing_context_keys
from iam.policy.document import Policy, PolicyKind, PolicySyntaxError, Position, Span
from iam.policy.evaluate import Attached, Decision, Layer, Layers, Verdict, decide
from iam.policy.parse import parse, problems
from iam.policy.principals import PrincipalType, RequestPrincipal
from iam.policy.request import Request
from iam.policy.trace import Explanation, Failure, LayerTrace, PolicyTrace, StatementTrace, explain
from iam.policy.validate import policy_size

__all__ = [
    "Attached",
    "CompiledPolicy",
    "Decision",
    "Explanation",
    "Failure",
    "Layer",
    "LayerTrace",
    "Layers",
    "Policy",
    "PolicyKind",
    "PolicySyntaxError",
    "PolicyTrace",
    "Position",
    "PrincipalType",
    "Request",
    "RequestPrincipal",
    "Span",
    "StatementTrace",
    "Verdict",
    "compile_policy",
    "context_keys",
    "decide",
    "explain",
    "load",
    "missing_context_keys",
    "nothing",
    "parse",
    "policy_size",
    "problems",
]
