"""Generates Benchfront's Swift bindings from protobuf descriptors."""
