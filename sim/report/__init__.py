"""Charts, county maps and the HTML report, in English and Chinese; nothing here changes a result."""
