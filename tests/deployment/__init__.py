"""What is declared for operators: compose, Kubernetes, configuration."""
