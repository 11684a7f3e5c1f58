"""An embedded AWS that enforces trust policies and permissions, for trying and testing."""
