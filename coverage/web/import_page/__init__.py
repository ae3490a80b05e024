"""Impor: any list, step by step."""
