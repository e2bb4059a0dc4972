"""Workbooks, slides, and the reference kept in git."""
