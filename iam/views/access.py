"""Last Accessed: which services an entity may use, by which policies, and when it last did."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aws.context import Context
from aws.errors import Denied
from aws.paging import everything
from console.listing import Listing, listing
from console.requests import ConsoleRequest
from console.sections import section
from iam import operations
from iam.errors import NoSuchEntity

RUNNING = "IN_PROGRESS"


@dataclass(frozen=True)
class Access:
    """What `iam/_last_accessed.html` draws. granting: service prefix → AWS's policies, for the
    services on the page; None where nobody can tell or the principal may not know."""

    job: str
    is_running: bool
    has_failed: bool
    table: Listing
    granting: dict[str, list[dict[str, Any]]] | None

    @property
    def rows(self) -> list[tuple[dict[str, Any], list[dict[str, Any]] | None]]:
        granting = self.granting
        return [
            (service, None if granting is None else granting.get(service["ServiceNamespace"], []))
            for service in self.table.rows
        ]

    @property
    def previous_url(self) -> str:
        return self.table.url(job=self.job, page=self.table.page.number - 1)

    @property
    def next_url(self) -> str:
        return self.table.url(job=self.job, page=self.table.page.number + 1)


def last_accessed(request: ConsoleRequest, arn: str) -> dict[str, Any]:
    """Begins a report, or follows the one that ?job= names; the tab polls while it is written."""
    return {"access": section(lambda: _access(request, arn))}


def _access(request: ConsoleRequest, arn: str) -> Access:
    ctx = request.ctx
    job, report = _report(ctx, arn, request.GET.get("job", ""))
    services = report if isinstance(report, list) else []
    table = listing(
        request,
        sorted(services, key=lambda service: str(service["ServiceName"]).lower()),
        search=lambda service: f"{service['ServiceName']} {service['ServiceNamespace']}",
        columns={"used": lambda service: service.get("LastAuthenticated")},
        default_sort="-used",
        keep=["tab"],
    )
    return Access(
        job=job,
        is_running=report == RUNNING,
        has_failed=report == "FAILED",
        table=table,
        granting=_granting(ctx, arn, [one["ServiceNamespace"] for one in table.rows]),
    )


def _report(ctx: Context, arn: str, job: str) -> tuple[str, str | list[dict[str, Any]]]:
    """The job's id, and its services, or its state while there are none."""
    read = operations.get_service_last_accessed_details
    with suppress(NoSuchEntity):  # a job that was forgotten meanwhile
        if job:
            return job, _result(ctx, job, read(ctx, job_id=job)["JobStatus"])
    job = operations.generate_service_last_accessed_details(ctx, arn=arn)["JobId"]
    return job, _result(ctx, job, read(ctx, job_id=job)["JobStatus"])


def _result(ctx: Context, job: str, status: str) -> str | list[dict[str, Any]]:
    if status != "COMPLETED":
        return status
    read = operations.get_service_last_accessed_details
    return everything(read, ctx, "ServicesLastAccessed", job_id=job, max_items=1000)


def _granting(
    ctx: Context, arn: str, prefixes: list[str]
) -> dict[str, list[dict[str, Any]]] | None:
    if ":policy/" in arn or not prefixes:
        return None  # a policy is granted by itself
    try:
        answer = operations.list_policies_granting_service_access(
            ctx, arn=arn, service_namespaces=prefixes
        )
    except Denied:
        return None
    entries = answer["PoliciesGrantingServiceAccess"]
    return {entry["ServiceNamespace"]: entry["Policies"] for entry in entries}
