"""The network's arithmetic: pure functions over plain values, no Django, no database.

`cidr` counts addresses, `rules` decides one packet at one place, `reachability` follows it from
end to end. The pages, the operations and the guests' network ask these same functions.
"""
