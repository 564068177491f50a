"""What the programs of the benchmark share: clients, servers, and how something is counted."""
