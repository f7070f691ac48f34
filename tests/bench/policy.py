"""How fast decide() is: `python -m tests.bench.policy`, a table and no assertion.

Target (DESIGN): at least 50,000 decisions a second on one core with 10 typical policies.
"""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

from iam.policy import Attached, Layers, Request, RequestPrincipal, decide, explain, load

ACCOUNT = "111122223333"
USER = RequestPrincipal.user(f"arn:aws:iam::{ACCOUNT}:user/dev/alice")
CONTEXT = {
    "aws:username": "alice",
    "aws:SourceIp": "203.0.113.7",
    "aws:MultiFactorAuthPresent": "true",
    "aws:SecureTransport": "true",
    "aws:CurrentTime": "2026-11-23T12:00:00Z",
    "aws:PrincipalTag/team": "web",
}
SECONDS_PER_CASE = 0.5


def _allow(actions: Sequence[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def _deny(actions: Sequence[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}


OFFICE = {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
HOME = ["arn:aws:s3:::class/home/${aws:username}/*", "arn:aws:s3:::public-*/*"]

# Ten policies as a class has them: read-only, per-service, a guard rail, a home folder.
TYPICAL: list[list[dict[str, Any]]] = [
    [_allow(["ec2:Describe*", "ec2:Get*"]), _allow(["elasticloadbalancing:Describe*"])],
    [_allow(["ec2:StartInstances", "ec2:StopInstances"], f"arn:aws:ec2:*:{ACCOUNT}:instance/*")],
    [_allow(["s3:ListAllMyBuckets", "s3:GetBucketLocation"]), _allow(["s3:*"], HOME)],
    [_allow(["rds:*", "cloudwatch:GetMetric*", "logs:Get*"]), _deny(["rds:Delete*"])],
    [_allow(["iam:Get*", "iam:List*"]), _allow(["iam:ChangePassword"], "arn:aws:iam::*:user/*")],
    [_deny(["iam:Create*", "iam:Delete*", "iam:Put*", "iam:Attach*"], Condition=NO_MFA)],
    [_allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::team-web/*", Condition=OFFICE)],
    [_allow(["cloudwatch:*", "logs:*", "sns:List*"])],
    [_allow(["autoscaling:Describe*", "autoscaling:Set*"]), _deny(["autoscaling:Delete*"])],
    [_allow(["sts:GetCallerIdentity", "sts:AssumeRole"], f"arn:aws:iam::{ACCOUNT}:role/lab-*")],
]
CASES = {
    "allowed": ("ec2:DescribeInstances", "*"),
    "denied, implicit": ("ec2:RunInstances", f"arn:aws:ec2:ap-northeast-2:{ACCOUNT}:instance/*"),
    "denied, explicit": ("rds:DeleteDBInstance", f"arn:aws:rds:ap-northeast-2:{ACCOUNT}:db:shop"),
    "with conditions": ("s3:PutObject", "arn:aws:s3:::team-web/index.html"),
    "with variables": ("s3:GetObject", "arn:aws:s3:::class/home/alice/notes/1.txt"),
}


def attached(count: int) -> tuple[Attached, ...]:
    """count policies of one user; past the ten typical ones they repeat under other Sids."""
    policies = []
    for number in range(count):
        statements = [
            {**statement, "Sid": f"S{number}x{index}"}
            for index, statement in enumerate(TYPICAL[number % len(TYPICAL)])
        ]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        name = f"policy-{number}"
        policies.append(Attached(name, "", "IAM Policy", load(text), ACCOUNT))
    return tuple(policies)


def rate(function: Any, request: Request, layers: Layers) -> float:
    """Calls a second on this core, for about SECONDS_PER_CASE."""
    calls, spent = 0, 0.0
    while spent < SECONDS_PER_CASE:
        started = time.process_time()
        for _ in range(1000):
            function(request, layers)
        spent += time.process_time() - started
        calls += 1000
    return calls / spent


def rows() -> Iterator[tuple[str, int, float, str]]:
    for count in (1, 10, 50):
        layers = Layers(identity=attached(count))
        for case, (action, resource) in CASES.items():
            request = Request(USER, action, resource, ACCOUNT, CONTEXT)
            yield case, count, rate(decide, request, layers), decide(request, layers).verdict
    request = Request(USER, *CASES["allowed"], ACCOUNT, CONTEXT)
    layers = Layers(identity=attached(10))
    yield "explain(), allowed", 10, rate(explain, request, layers), "allowed"


def main() -> None:
    print(f"{'case':<20}{'policies':>9}{'decisions/s':>14}{'µs each':>10}  verdict")
    for case, count, per_second, verdict in rows():
        print(f"{case:<20}{count:>9}{per_second:>14,.0f}{1e6 / per_second:>10.1f}  {verdict}")


if __name__ == "__main__":
    main()
