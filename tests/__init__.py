"""The tests of Gatepass."""
