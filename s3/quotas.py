"""S3's limits.

AWS: https://docs.aws.amazon.com/general/latest/gr/s3.html#limits_s3
"""

# AWS gives 10,000; a class of hundreds on one machine is better off with its former hundred.
BUCKETS = 100
# In a region. AWS gives 10,000.
ACCESS_POINTS = 1000
