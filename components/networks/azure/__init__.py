"""A virtual network: ``settings`` is plain data, ``vnet`` declares it with the Azure SDK."""
