"""Programs for those who work on Groundschool; the running lab needs none but bootstrap.py."""
