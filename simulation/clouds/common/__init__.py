"""What is the same in every simulated cloud: facts of protocols and of the machines of the catalog, and small forms."""
