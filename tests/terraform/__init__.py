"""The HCL modules, run by the real terraform against the sandbox."""
