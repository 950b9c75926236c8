"""Invoices and credit notes on paper: `documents` say what stands there, `drawing` draws it.

The same row gives the same bytes, whenever it is asked for.
"""
