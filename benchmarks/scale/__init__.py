"""What a large platform costs on one machine: 1,000 GPU nodes in 20 pools and 200 models, and a tenth of it."""
