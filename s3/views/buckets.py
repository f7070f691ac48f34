"""Buckets: the list, creating, emptying and deleting them."""

from django.http import HttpResponse
from django.shortcuts import render

from console.listing import listing
from console.requests import ConsoleRequest
from s3 import operations


def bucket_list(request: ConsoleRequest) -> HttpResponse:
    rows = operations.list_buckets(request.ctx)["Buckets"]
    table = listing(
        request,
        rows,
        search=lambda row: row["Name"],
        columns={
            "name": lambda row: row["Name"],
            "region": lambda row: row["BucketRegion"],
            "created": lambda row: row["CreationDate"],
        },
        default_sort="name",
    )
    template = "s3/bucket_list.html#rows" if request.htmx else "s3/bucket_list.html"
    return render(request, template, {"table": table})
