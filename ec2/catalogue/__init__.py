"""What AWS offers to everybody: instance types with prices, and public images. Data, no rows."""
