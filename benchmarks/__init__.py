"""Speed and memory: beside other programs (``speed``), and on large tables (``large``)."""
