"""A VPC: ``settings`` is plain data, ``vpc`` declares it with the Google Cloud SDK."""
