"""One outside system a module, behind the ports."""
