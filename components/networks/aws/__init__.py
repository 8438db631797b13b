"""A VPC: ``settings`` is plain data, ``vpc`` declares it with the AWS SDK."""
