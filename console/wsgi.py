"""The console's WSGI application (port LAB_CONSOLE_PORT). The AWS API is `aws.wire.endpoint`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

application = get_wsgi_application()
