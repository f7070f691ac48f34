"""The lab on one machine: embedded servers, child processes, and the watch over them."""
