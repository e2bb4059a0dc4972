"""One file for each process of the year."""

# Policy channels that no process reads yet: levers that act through them change nothing, and reports say so.
UNREAD = ()
