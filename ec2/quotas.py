"""EC2's and VPC's quotas: AWS's defaults, but where one machine says less.

AWS: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-resource-limits.html
"""

VPCS = 5
CIDR_BLOCKS_PER_VPC = 5
SUBNETS_PER_VPC = 200
INTERNET_GATEWAYS = 5
EGRESS_ONLY_GATEWAYS = 5
DHCP_OPTION_SETS = 200
NAT_GATEWAYS_PER_ZONE = 5
ROUTE_TABLES_PER_VPC = 200
ROUTES_PER_TABLE = 50
NETWORK_ACLS_PER_VPC = 200
ENTRIES_PER_ACL = 20
SECURITY_GROUPS = 2500
RULES_PER_GROUP = 60
GROUPS_PER_INTERFACE = 5
NETWORK_INTERFACES = 5000
ELASTIC_IPS = 5
PEERINGS_PER_VPC = 50
GATEWAY_ENDPOINTS = 20
PREFIX_LISTS = 100
KEY_PAIRS = 5000
LAUNCH_TEMPLATES = 5000
VERSIONS_PER_TEMPLATE = 10000
PLACEMENT_GROUPS = 500
IMAGES = 5000
SNAPSHOTS = 10000
VOLUMES = 5000
STORAGE_GIB = 50 * 1024
INSTANCES = 5000
# On-demand vCPUs by the first letters of the family, as Service Quotas has them.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
STANDARD_VCPUS = 5120
