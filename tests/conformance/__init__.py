"""What test suites of the standard ask of a central system, on a real socket; docs/conformance.md lists the cases."""
