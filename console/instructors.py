"""Instructors: Django's staff, who use the admin site. They are no AWS principals."""

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password


def create_instructor(*, username: str, password: str, email: str = "") -> User:
    """Raises Django's ValidationError with the sentences to show."""
    instructor = User(username=username, email=email, is_staff=True, is_superuser=True)
    instructor.set_password(password)
    validate_password(password, instructor)
    instructor.full_clean()
    instructor.save()
    return instructor
