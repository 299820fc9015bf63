"""Generated messages and stubs of benchfront.v1."""
