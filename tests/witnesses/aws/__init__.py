"""What AWS, botocore and moto publish, as judges of the EKS components and of the simulated AWS."""
