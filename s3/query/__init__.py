"""SQL over objects: `sources` reads what the principal may read, `engine` runs a locked-down DuckDB
over it in a process of its own (`worker`).
"""
