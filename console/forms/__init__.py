"""Forms of the shell's own pages, and the base of every form."""

from console.forms.base import AwsForm

__all__ = ["AwsForm"]
