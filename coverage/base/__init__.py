"""What every room stands on: errors, the schema of tables, parameters, and the compiled kernels."""
