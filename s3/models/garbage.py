from django.db import models

from aws import clock


class Garbage(models.Model):
    """A file that no row names any more. Triggers write these, `s3.garbage` deletes both."""

    file = models.CharField(max_length=40)
    since = models.DateTimeField(default=clock.real_now)

    def __str__(self) -> str:
        return self.file
