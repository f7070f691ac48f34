"""The instructors' site, /admin/. Django finds the registrations by importing this package."""

from console.admin import accounts, events, instructors, site

__all__ = ["accounts", "events", "instructors", "site"]
