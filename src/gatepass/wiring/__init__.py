"""Where use-cases meet adapters: whose credentials a command uses, and what stands behind each port."""
