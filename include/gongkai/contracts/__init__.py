"""Loads and checks the YAML of data_contracts/ into typed models."""
