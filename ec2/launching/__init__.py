"""What RunInstances does: `plan` reads and checks the request, `build` writes the rows."""
