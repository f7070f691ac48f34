"""The console's addresses. A service's pages live under its name: /iam/…, /cloudtrail/…"""

from django.urls import path

from console.views import coverage

urlpatterns = [
    path("coverage", coverage.coverage_list, name="coverage"),
]
